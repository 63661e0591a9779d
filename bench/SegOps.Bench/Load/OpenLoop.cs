using System.Diagnostics;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Load;

/// <summary>
/// Sends at a given pace, whatever the server does: each request has a time at which it is meant to be sent, and its latency counts from then, so
/// that a server that stalls is not spared the requests that would have come meanwhile.
/// </summary>
/// <param name="server">Where to send.</param>
/// <param name="requests">What to send, in turn, again and again.</param>
/// <param name="connections">Most requests under way at a time; a request waits, and its latency with it, while all are taken.</param>
internal sealed class OpenLoop(Uri server, IReadOnlyList<ReadOnlyMemory<byte>> requests, int connections)
{
    /// <summary>Gets the status of each answer at once, concurrently.</summary>
    internal Action<int> OnAnswer { private get; init; } = _ => { };

    /// <summary>Sends <paramref name="perSecond"/> requests a second for <paramref name="length"/>; null: as many as are answered.</summary>
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
                var meant = perSecond is { } pace ? TimeSpan.FromSeconds(number / pace) : Stopwatch.GetElapsedTime(began);
                if (meant >= length)
                    break;
                if (meant - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                    await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)), cancellationToken);
                if (Stopwatch.GetElapsedTime(began) > length)
                    Interlocked.Increment(ref late);
                var status = await connection.SendAsync(requests[(int)(number % requests.Count)], cancellationToken);
                latencies.Add((Stopwatch.GetElapsedTime(began) - meant).TotalMilliseconds);
                result.Count(status);
                OnAnswer(status);
            }
            result.Add(latencies);
        }
    }
}

/// <summary>What became of a load.</summary>
internal sealed class LoadResult
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, long> _statuses = [];
    private readonly List<double> _latencies = [];
    private bool _isSorted;

    /// <summary>From the first request to the last answer.</summary>
    internal TimeSpan Elapsed { get; set; }

    /// <summary>Requests that could only be sent when the time for sending was over: what the server could not keep up with.</summary>
    internal long Late { get; set; }

    /// <summary>How many answers had which status.</summary>
    internal IReadOnlyDictionary<int, long> Statuses => _statuses;

    /// <summary>Requests answered by a status below 300.</summary>
    internal long Succeeded => _statuses.Where(status => status.Key < 300).Sum(status => status.Value);

    /// <summary>The latency, in milliseconds, that a fraction of the requests does not exceed.</summary>
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
