using System.Diagnostics;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Write;

/// <summary>The two writers and the ClickHouse that they share.</summary>
internal sealed class WriteRig : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly LocalSystem _system;
    private readonly InsertLoop _loop;
    private readonly MessageFeed _feed;

    internal WriteRig(LocalSystem system)
    {
        _system = system;
        _loop = new InsertLoop(system.ClickHouseConnectionString);
        _feed = new MessageFeed(system.PubSubConnectionString);
        Warehouse = new BenchWarehouse(system.ClickHouseConnectionString);
        Writers =
        [
            new("the simplest loop", Environment.ProcessId, (_, _) => Task.CompletedTask, _loop.RunAsync),
            new("the ingestor", system.Parts["ingestor"].Id, QueueAsync, (_, _) =>
            {
                system.Parts["ingestor"].Resume();
                return Task.CompletedTask;
            }),
        ];
    }

    /// <summary>The writers, the baseline first.</summary>
    internal IReadOnlyList<Writer> Writers { get; }

    /// <summary>The target of both writers.</summary>
    internal BenchWarehouse Warehouse { get; }

    /// <summary>Events given to both writers so far.</summary>
    internal long Given { get; private set; }

    /// <summary>Stores messages with <paramref name="writer"/>, and waits until they are stored and merged.</summary>
    internal async Task<WriteRun> RunAsync(Writer writer, IReadOnlyList<RowMessage> messages, CancellationToken cancellationToken)
    {
        await Warehouse.WaitForMergesAsync(WaitTimeout, cancellationToken);
        await writer.PrepareAsync(messages, cancellationToken);
        Given += messages.Count * RowMessage.Rows;
        var usage = new PartUsage([(writer.Name, writer.ProcessId), ("clickhouse", _system.Parts["clickhouse"].Id)]);
        var began = Stopwatch.GetTimestamp();
        await writer.StoreAsync(messages, cancellationToken);
        await Warehouse.WaitForRowsAsync(Given, WaitTimeout, cancellationToken);
        var took = Stopwatch.GetElapsedTime(began);
        await Warehouse.WaitForMergesAsync(WaitTimeout, cancellationToken);
        usage.Sample();
        var rows = messages.Count * RowMessage.Rows;
        return new WriteRun(rows / took.TotalSeconds, usage.Cpu(writer.Name).TotalMicroseconds / rows, usage.Cpu("clickhouse").TotalMicroseconds / rows);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _loop.Dispose();
        await _feed.DisposeAsync();
    }

    /// <summary>Publishes while the ingestor is suspended, so that it starts with all messages. No lease expires meanwhile.</summary>
    private async Task QueueAsync(IReadOnlyList<RowMessage> messages, CancellationToken cancellationToken)
    {
        _system.Parts["ingestor"].Pause();
        await _feed.PublishAsync(messages, cancellationToken);
    }
}

/// <summary>A writer to measure.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="ProcessId">The process whose processor time counts.</param>
/// <param name="PrepareAsync">Prepares the messages. Not measured.</param>
/// <param name="StoreAsync">Stores the messages, or starts to.</param>
internal sealed record Writer(
    string Name,
    int ProcessId,
    Func<IReadOnlyList<RowMessage>, CancellationToken, Task> PrepareAsync,
    Func<IReadOnlyList<RowMessage>, CancellationToken, Task> StoreAsync);

/// <summary>The cost of storing rows.</summary>
/// <param name="RowsPerSecond">Rows a second until all could be queried.</param>
/// <param name="WriterCpu">Processor time of the writer in microseconds a row.</param>
/// <param name="ClickHouseCpu">Processor time of ClickHouse in microseconds a row, including merges.</param>
internal sealed record WriteRun(double RowsPerSecond, double WriterCpu, double ClickHouseCpu)
{
    /// <summary>Processor time of both in microseconds a row.</summary>
    internal double Cpu => WriterCpu + ClickHouseCpu;
}
