using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SegOps.Bench.Load;
using SegOps.Bench.Running;

namespace SegOps.Bench.Pipeline;

/// <summary>The load generator, controlled by HTTP. It is a separate process, so that its processor time can be measured separately.</summary>
internal static class LoadServer
{
    /// <summary>Name of the command that runs the generator.</summary>
    internal const string Command = "generate";

    internal const string RunPath = "/run";
    internal const string AcceptedPath = "/accepted";

    /// <summary>Generates load for <paramref name="gateway"/> on request, until cancelled.</summary>
    internal static Task RunAsync(int port, Uri gateway, CancellationToken cancellationToken)
    {
        long accepted = 0;
        var requests = new ConcurrentDictionary<LoadKind, IReadOnlyList<ReadOnlyMemory<byte>>>();
        return HelperServer.RunAsync(port, app =>
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
