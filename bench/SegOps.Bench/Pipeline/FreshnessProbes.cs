using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Load;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Pipeline;

/// <summary>
/// Sends single events with known ids during the load and polls ClickHouse for them. Freshness is the time from an event's 202 until a query
/// returned it. It is overestimated by at most the time between two queries.
/// </summary>
/// <param name="gateway">The gateway's URL.</param>
/// <param name="warehouse">The ClickHouse to query.</param>
/// <param name="sender">The project and key that send them.</param>
/// <param name="onAccepted">Called for each 202, concurrently.</param>
internal sealed class FreshnessProbes(Uri gateway, BenchWarehouse warehouse, DemoKey sender, Action onAccepted)
{
    /// <summary>Probes a second: negligible load, and enough for a p99 within 20 s.</summary>
    internal const int PerSecond = 20;

    private const int Connections = 4;
    private const string EventType = "freshness_probe";
    private static readonly TimeSpan QueryInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StorageTimeout = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<Guid, long> _waiting = new();
    private readonly List<double> _milliseconds = [];
    private readonly List<double> _betweenQueries = [];
    private long _sent;
    private long _accepted;

    /// <summary>Sends for <paramref name="length"/>, then waits until all probes are stored or a timeout elapses.</summary>
    internal async Task<Freshness> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var sending = Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => SendAsync(connection, length, cancellationToken)));
        await WatchAsync(sending, length + StorageTimeout, cancellationToken);
        await sending;
        _milliseconds.Sort();
        _betweenQueries.Sort();
        return new Freshness(_sent, _accepted, _milliseconds, _betweenQueries);
    }

    private async Task SendAsync(int first, TimeSpan length, CancellationToken cancellationToken)
    {
        using var connection = await HttpConnection.OpenAsync(gateway, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        TimeSpan due;
        for (var number = first; (due = TimeSpan.FromSeconds((double)number / PerSecond)) < length; number += Connections)
        {
            if (due - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } wait)
                await Task.Delay(wait, cancellationToken);
            var id = Guid.CreateVersion7();
            Interlocked.Increment(ref _sent);
            if (await connection.SendAsync(Request(id, number), cancellationToken) != 202)
                continue;
            _waiting[id] = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _accepted);
            onAccepted();
        }
    }

    private byte[] Request(Guid id, int number) => HttpConnection.Request(gateway, "/api/ingestion/track/", sender.Key, Encoding.UTF8.GetBytes($$$"""
        {"event_id":"{{{id}}}","event_type":"{{{EventType}}}","user_id":"user-{{{number}}}","payload":{"order_id":"ord-{{{number}}}","total":9.95,"currency":"USD","path":"/pricing","campaign":"spring-sale"}}
        """));

    private async Task WatchAsync(Task sending, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        long? before = null;
        using var pace = new PeriodicTimer(QueryInterval);
        while ((!sending.IsCompleted || !_waiting.IsEmpty) && Stopwatch.GetElapsedTime(began) < timeout)
        {
            await pace.WaitForNextTickAsync(cancellationToken);
            if (_waiting.IsEmpty)
            {
                before = null;
                continue;
            }
            var stored = await warehouse.IdsAsync(Query(_waiting.Keys), cancellationToken);
            var now = Stopwatch.GetTimestamp();
            foreach (var id in stored.Keys)
                if (_waiting.TryRemove(id, out var accepted))
                    _milliseconds.Add(Stopwatch.GetElapsedTime(accepted, now).TotalMilliseconds);
            if (before is { } last)
                _betweenQueries.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
            before = now;
        }
    }

    /// <summary>The event type is in the primary key, so that few rows are read.</summary>
    private string Query(IEnumerable<Guid> ids) => $"""
        SELECT event_id, count()
        FROM events
        WHERE project_id = '{sender.ProjectId}' AND environment = 'live' AND event_type = '{EventType}' AND event_id IN ('{string.Join("','", ids)}')
        GROUP BY event_id
        """;
}
