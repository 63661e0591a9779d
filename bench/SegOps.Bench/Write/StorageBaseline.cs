using SegOps.Bench.Running;

namespace SegOps.Bench.Write;

/// <summary>How fast ClickHouse stores events when nothing else runs: what those that come all the way are measured against.</summary>
internal static class StorageBaseline
{
    /// <summary>What tables call it.</summary>
    internal const string Name = "ClickHouse alone, filled by the simplest loop";

    /// <summary>Stores <paramref name="events"/> of a project of its own with <see cref="InsertLoop"/>.</summary>
    /// <returns>Seconds from the first insert until the last was stored.</returns>
    internal static async Task<double> SecondsAsync(LocalSystem system, long events, CancellationToken cancellationToken)
    {
        using var loop = new InsertLoop(system.ClickHouseConnectionString);
        var messages = RowMessage.Make((int)(events / RowMessage.Rows), projects: 1);
        return await Timed.RunAsync(() => loop.RunAsync(messages, cancellationToken)) / 1000;
    }
}
