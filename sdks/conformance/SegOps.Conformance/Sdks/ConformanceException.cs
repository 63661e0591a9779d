namespace SegOps.Conformance.Sdks;

/// <summary>An SDK breaks a rule, or its driver the protocol.</summary>
internal class ConformanceException(string message) : Exception(message);

/// <summary>The driver says that it cannot do what was asked, because the SDK's types do not allow it.</summary>
internal sealed class InexpressibleException(string message) : ConformanceException(message);
