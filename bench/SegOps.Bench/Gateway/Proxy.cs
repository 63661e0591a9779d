using System.Diagnostics;
using SegOps.Bench.Load;

namespace SegOps.Bench.Gateway;

/// <summary>A proxy to compare.</summary>
internal sealed record Proxy(string Name, Uri Url, string? Key, int ProcessId)
{
    /// <summary>Concurrent requests.</summary>
    internal const int Connections = 16;

    /// <summary>Sends requests as fast as they are answered.</summary>
    internal async Task<ProxyRun> RunAsync(string path, byte[] body, TimeSpan length, CancellationToken cancellationToken)
    {
        using var process = Process.GetProcessById(ProcessId);
        var before = process.TotalProcessorTime;
        var load = new OpenLoop(Url, [HttpConnection.Request(Url, path, Key, body)], Connections);
        var result = await load.RunAsync(perSecond: null, length, cancellationToken);
        process.Refresh();
        var requests = Math.Max(1, result.Succeeded);
        return new ProxyRun(
            requests / result.Elapsed.TotalSeconds, (process.TotalProcessorTime - before).TotalMicroseconds / requests,
            result.Statuses.Where(status => status.Key != 202).Sum(status => status.Value));
    }
}

/// <summary>The result of one run.</summary>
/// <param name="PerSecond">Requests answered a second.</param>
/// <param name="CpuMicroseconds">Processor time of the proxy for each request.</param>
/// <param name="Refused">Answers other than 202.</param>
internal sealed record ProxyRun(double PerSecond, double CpuMicroseconds, long Refused);
