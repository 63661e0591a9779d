using SegOps.Bench.Reporting;

namespace SegOps.Bench.Running;

/// <summary>An experiment.</summary>
/// <param name="Name">Name of its command.</param>
/// <param name="RunAsync">Runs it and reports its progress.</param>
internal sealed record Experiment(string Name, Func<Progress, CancellationToken, Task<Outcome>> RunAsync);
