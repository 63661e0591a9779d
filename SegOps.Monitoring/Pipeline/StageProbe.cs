namespace SegOps.Monitoring.Pipeline;

/// <summary>Checks one stage.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="CheckAsync">Finds out how it does; an exception means that it is down.</param>
internal sealed record StageProbe(string Stage, Func<CancellationToken, Task<StageResult>> CheckAsync);
