using System.Globalization;
using System.Net.Http.Json;
using SegOps.Bench.Processes;
using SegOps.Bench.Running;

namespace SegOps.Bench.Pipeline;

/// <summary>A running <see cref="LoadServer"/> in its own process.</summary>
internal sealed class LoadGenerator : IAsyncDisposable
{
    private readonly ServerProcess _server;
    private readonly HttpClient _http;

    private LoadGenerator(ServerProcess server, Uri url)
    {
        _server = server;
        _http = new HttpClient { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Its process id.</summary>
    internal int ProcessId => _server.Child.Id;

    /// <summary>Starts a generator for <paramref name="gateway"/> and waits until it is ready.</summary>
    internal static async Task<LoadGenerator> StartAsync(Uri gateway, CancellationToken cancellationToken)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var server = HelperServer.Create("load generator", url, [LoadServer.Command, "--port", $"{url.Port}", "--gateway", $"{gateway}"]);
        await server.StartAsync(cancellationToken);
        return new LoadGenerator(server, url);
    }

    /// <summary>Sends <paramref name="eventsPerSecond"/> for <paramref name="length"/>. Null: as fast as they are answered.</summary>
    internal async Task<LoadRun> RunAsync(LoadKind kind, double? eventsPerSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        var pace = eventsPerSecond is null ? "" : $"&perSecond={eventsPerSecond.Value.ToString("R", CultureInfo.InvariantCulture)}";
        var query = string.Create(CultureInfo.InvariantCulture, $"{LoadServer.RunPath}?events={kind.Events}&seconds={length.TotalSeconds:R}{pace}");
        using var answer = await _http.PostAsync(new Uri(query, UriKind.Relative), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<LoadRun>(cancellationToken) ?? throw new InvalidOperationException("The load generator returned no result.");
    }

    /// <summary>Events accepted so far, in all runs.</summary>
    internal async Task<long> AcceptedAsync(CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync<long>(LoadServer.AcceptedPath, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _server.DisposeAsync();
    }
}
