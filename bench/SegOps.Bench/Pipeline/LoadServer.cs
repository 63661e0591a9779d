using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SegOps.Bench.Load;
using SegOps.Bench.Running;

namespace SegOps.Bench.Pipeline;

/// <summary>The load generator, a process of its own so that its processor time can be told from everything else's: it sends what it is asked to by HTTP.</summary>
internal static class LoadServer
{
    /// <summary>Name of the command that runs it.</summary>
    internal const string Command = "generate";

    internal const string RunPath = "/run";
    internal const string AcceptedPath = "/accepted";

    /// <summary>Generates load for <paramref name="gateway"/> when asked to, until cancelled.</summary>
    internal static Task RunAsync(int port, Uri gateway, CancellationToken cancellationToken)
    {
        long accepted = 0;
        var requests = new ConcurrentDictionary<LoadKind, IReadOnlyList<ReadOnlyMemory<byte>>>();
        return OwnServer.RunAsync(port, app =>
        {
            app.MapGet(AcceptedPath, () => Interlocked.Read(ref accepted));
            app.MapPost(RunPath, (int events, double? perSecond, double seconds, CancellationToken requestAborted) =>
            {
                var kind = new LoadKind(events);
                var load = new OpenLoop(gateway, requests.GetOrAdd(kind, made => made.Requests(gateway)), kind.Connections)
                {
                    OnAnswer = status => Interlocked.Add(ref accepted, status == StatusCodes.Status202Accepted ? events : 0),
                };
                return SendAsync(load, kind, perSecond, TimeSpan.FromSeconds(seconds), requestAborted);
            });
        }, null, cancellationToken);
    }

    private static async Task<LoadRun> SendAsync(OpenLoop load, LoadKind kind, double? perSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var result = await load.RunAsync(perSecond / kind.Events, length, cancellationToken);
        var requests = result.Statuses.Values.Sum();
        return new LoadRun
        {
            Seconds = length.TotalSeconds,
            Elapsed = result.Elapsed.TotalSeconds,
            Requests = requests,
            Refused = requests - result.Statuses.GetValueOrDefault(StatusCodes.Status202Accepted),
            Late = result.Late,
            EventsPerRequest = kind.Events,
            MedianMilliseconds = result.Percentile(0.5),
            P99Milliseconds = result.Percentile(0.99),
        };
    }
}
