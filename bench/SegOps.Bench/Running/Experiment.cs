using SegOps.Bench.Reporting;

namespace SegOps.Bench.Running;

/// <summary>Something to be measured.</summary>
/// <param name="Name">Of its command.</param>
/// <param name="RunAsync">Measures it, and says meanwhile what is going on.</param>
internal sealed record Experiment(string Name, Func<Progress, CancellationToken, Task<Outcome>> RunAsync);
