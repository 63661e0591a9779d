using System.Diagnostics;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Write;

/// <summary>The two that store rows, before the same ClickHouse.</summary>
internal sealed class WriteRig : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly LocalSystem _system;
    private readonly InsertLoop _loop;
    private readonly MessageFeed _feed;

    internal WriteRig(LocalSystem system)
    {
        _system = system;
        _loop = new InsertLoop(system.ClickHouseConnectionString);
        _feed = new MessageFeed(system.PubSubConnectionString);
        Warehouse = new Warehouse(system.ClickHouseConnectionString);
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

    /// <summary>The baseline first.</summary>
    internal IReadOnlyList<Writer> Writers { get; }

    /// <summary>Where rows come to be.</summary>
    internal Warehouse Warehouse { get; }

    /// <summary>Events given to both until now.</summary>
    internal long Given { get; private set; }

    /// <summary>Has <paramref name="writer"/> store new messages; returns when they are stored and merged.</summary>
    internal async Task<WriteRun> RunAsync(Writer writer, IReadOnlyList<RowMessage> messages, CancellationToken cancellationToken)
    {
        await Warehouse.WaitForMergesAsync(Patience, cancellationToken);
        await writer.PrepareAsync(messages, cancellationToken);
        Given += messages.Count * RowMessage.Rows;
        var usage = new PartUsage([(writer.Name, writer.ProcessId), ("clickhouse", _system.Parts["clickhouse"].Id)]);
        var began = Stopwatch.GetTimestamp();
        await writer.StoreAsync(messages, cancellationToken);
        await Warehouse.WaitForRowsAsync(Given, Patience, cancellationToken);
        var took = Stopwatch.GetElapsedTime(began);
        await Warehouse.WaitForMergesAsync(Patience, cancellationToken);
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

    /// <summary>Stopped, the ingestor cannot begin before all is there; for seconds only, so that no lease lapses.</summary>
    private async Task QueueAsync(IReadOnlyList<RowMessage> messages, CancellationToken cancellationToken)
    {
        _system.Parts["ingestor"].Pause();
        await _feed.PublishAsync(messages, cancellationToken);
    }
}

/// <summary>Something that stores messages.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="ProcessId">Whose processor time counts.</param>
/// <param name="PrepareAsync">Lays the messages ready; not measured.</param>
/// <param name="StoreAsync">Stores them, or begins to.</param>
internal sealed record Writer(
    string Name,
    int ProcessId,
    Func<IReadOnlyList<RowMessage>, CancellationToken, Task> PrepareAsync,
    Func<IReadOnlyList<RowMessage>, CancellationToken, Task> StoreAsync);

/// <summary>What storing took.</summary>
/// <param name="RowsPerSecond">Until the last could be queried.</param>
/// <param name="WriterCpu">Microseconds a row of the writer's process.</param>
/// <param name="ClickHouseCpu">Microseconds a row of ClickHouse, merges with it.</param>
internal sealed record WriteRun(double RowsPerSecond, double WriterCpu, double ClickHouseCpu)
{
    /// <summary>Of both.</summary>
    internal double Cpu => WriterCpu + ClickHouseCpu;
}
