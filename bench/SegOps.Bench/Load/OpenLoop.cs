using System.Diagnostics;

namespace SegOps.Bench.Load;

/// <summary>
/// Sends at a given pace, whatever the server does: each request has a time at which it is meant to be sent, and its latency counts from then, so
/// that a server that stalls is not spared the requests that would have come meanwhile.
/// </summary>
/// <param name="server">Where to send.</param>
/// <param name="request">What to send, again and again.</param>
/// <param name="connections">Most requests under way at a time; a request waits, and its latency with it, while all are taken.</param>
internal sealed class OpenLoop(Uri server, ReadOnlyMemory<byte> request, int connections)
{
    /// <summary>Sends <paramref name="perSecond"/> requests a second for <paramref name="length"/>; null: as many as are answered.</summary>
    internal async Task<LoadResult> RunAsync(double? perSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var result = new LoadResult();
        long next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(SendAsync, cancellationToken)));
        result.Elapsed = Stopwatch.GetElapsedTime(began);
        return result;

        async Task SendAsync()
        {
            using var connection = await HttpConnection.OpenAsync(server, cancellationToken);
            List<double> latencies = [];
            while (true)
            {
                var meant = perSecond is { } pace ? TimeSpan.FromSeconds(Interlocked.Increment(ref next) / pace) : Stopwatch.GetElapsedTime(began);
                if (meant >= length)
                    break;
                if (meant - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                    await Task.Delay(early, cancellationToken);
                var status = await connection.SendAsync(request, cancellationToken);
                latencies.Add((Stopwatch.GetElapsedTime(began) - meant).TotalMilliseconds);
                result.Count(status);
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

    /// <summary>From the first request to the last answer.</summary>
    internal TimeSpan Elapsed { get; set; }

    /// <summary>How many answers had which status.</summary>
    internal IReadOnlyDictionary<int, long> Statuses => _statuses;

    /// <summary>Requests answered by a status below 300.</summary>
    internal long Succeeded => _statuses.Where(status => status.Key < 300).Sum(status => status.Value);

    /// <summary>The latency, in milliseconds, that a fraction of the requests does not exceed.</summary>
    internal double Percentile(double fraction) => _latencies.Count == 0 ? 0 : _latencies[(int)(fraction * (_latencies.Count - 1))];

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
            _latencies.Sort();
        }
    }
}
