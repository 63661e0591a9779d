using System.Diagnostics;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Load;

/// <summary>
/// An open-loop load generator. Each request has a scheduled time, and its latency counts from then. This avoids coordinated omission: a stall
/// delays, and counts for, every request scheduled during it.
/// </summary>
/// <param name="server">The server's URL.</param>
/// <param name="requests">The requests, sent in turn repeatedly.</param>
/// <param name="connections">Maximum of concurrent requests. A request waits for a free connection, and the wait counts as latency.</param>
internal sealed class OpenLoop(Uri server, IReadOnlyList<ReadOnlyMemory<byte>> requests, int connections)
{
    /// <summary>Receives the status of each answer. Called concurrently.</summary>
    internal Action<int> OnAnswer { private get; init; } = _ => { };

    /// <summary>Sends <paramref name="perSecond"/> requests a second for <paramref name="length"/>. Null: as fast as they are answered.</summary>
    internal async Task<LoadResult> RunAsync(double? perSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var result = new LoadResult();
        long next = -1;
        long late = 0;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(SendAsync, cancellationToken)));
        result.Elapsed = Stopwatch.GetElapsedTime(began);
        result.Late = late;
        return result;

        async Task SendAsync()
        {
            using var connection = await HttpConnection.OpenAsync(server, cancellationToken);
            List<double> latencies = [];
            while (true)
            {
                var number = Interlocked.Increment(ref next);
                var due = perSecond is { } pace ? TimeSpan.FromSeconds(number / pace) : Stopwatch.GetElapsedTime(began);
                if (due >= length)
                    break;
                if (due - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } wait)
                    await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), cancellationToken);
                if (Stopwatch.GetElapsedTime(began) > length)
                    Interlocked.Increment(ref late);
                var status = await connection.SendAsync(requests[(int)(number % requests.Count)], cancellationToken);
                latencies.Add((Stopwatch.GetElapsedTime(began) - due).TotalMilliseconds);
                result.Count(status);
                OnAnswer(status);
            }
            result.Add(latencies);
        }
    }
}

/// <summary>The result of a load.</summary>
internal sealed class LoadResult
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, long> _statuses = [];
    private readonly List<double> _latencies = [];
    private bool _isSorted;

    /// <summary>Time from the first request to the last answer.</summary>
    internal TimeSpan Elapsed { get; set; }

    /// <summary>Requests sent after the end of the run, because the server could not keep up.</summary>
    internal long Late { get; set; }

    /// <summary>Number of answers by status.</summary>
    internal IReadOnlyDictionary<int, long> Statuses => _statuses;

    /// <summary>Requests answered by a status below 300.</summary>
    internal long Succeeded => _statuses.Where(status => status.Key < 300).Sum(status => status.Value);

    /// <summary>The latency percentile in milliseconds. <paramref name="fraction"/> is from 0 to 1.</summary>
    internal double Percentile(double fraction)
    {
        lock (_gate)
        {
            if (!_isSorted)
                _latencies.Sort();
            _isSorted = true;
            return Statistics.Percentile(_latencies, fraction);
        }
    }

    internal void Count(int status)
    {
        lock (_gate)
            _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
    }

    internal void Add(List<double> latencies)
    {
        lock (_gate)
        {
            _latencies.AddRange(latencies);
            _isSorted = false;
        }
    }
}
