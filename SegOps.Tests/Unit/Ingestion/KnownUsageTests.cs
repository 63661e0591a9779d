using SegOps.Ingestion.Quota;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class KnownUsageTests
{
    [Fact]
    public void Take_FirstRequestsOfProjectsAtOnce_AreAllCounted()
    {
        const int Projects = 2_000, Writers = 4;
        var known = new KnownUsage();
        using var together = new Barrier(Writers);
        var writers = Enumerable.Range(0, Writers).Select(_ => new Thread(() =>
        {
            for (var project = 0; project < Projects; project++)
            {
                together.SignalAndWait();
                known.Take($"project_{project}", "2025-06", 1, limit: null);
            }
        })).ToList();
        writers.ForEach(writer => writer.Start());
        writers.ForEach(writer => writer.Join());

        Assert.All(Enumerable.Range(0, Projects), project => Assert.False(known.Take($"project_{project}", "2025-06", 1, limit: Writers).Fits));
    }
}
