using SegOps.Bench.Running;

namespace SegOps.Bench.Write;

/// <summary>Measures how fast ClickHouse alone stores events: the baseline for the whole pipeline.</summary>
internal static class StorageBaseline
{
    /// <summary>Its name in tables.</summary>
    internal const string Name = "ClickHouse alone, filled by the simplest loop";

    /// <summary>Stores <paramref name="events"/> events of a separate project with <see cref="InsertLoop"/>.</summary>
    /// <returns>Seconds from the start of the first insert to the end of the last.</returns>
    internal static async Task<double> SecondsAsync(LocalSystem system, long events, CancellationToken cancellationToken)
    {
        using var loop = new InsertLoop(system.ClickHouseConnectionString);
        var messages = RowMessage.Make((int)(events / RowMessage.Rows), projects: 1);
        return await Timed.RunAsync(() => loop.RunAsync(messages, cancellationToken)) / 1000;
    }
}
