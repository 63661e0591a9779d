namespace SegOps.Contracts;

/// <summary>Values of the <c>severity</c> column of <c>ingestion_errors</c>.</summary>
public static class Severities
{
    /// <summary>The event was rejected and not stored.</summary>
    public const string Error = "error";

    /// <summary>The event was accepted, but is probably a mistake.</summary>
    public const string Warning = "warning";
}
