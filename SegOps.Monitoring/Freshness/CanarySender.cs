using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using SegOps.Contracts;
using SegOps.InternalApi;

namespace SegOps.Monitoring.Freshness;

/// <summary>Sends a canary to Ingestion every <see cref="CanaryOptions.Interval"/>, with the gateway's headers.</summary>
internal sealed partial class CanarySender(
    Canaries canaries, IHttpClientFactory clients, IOptions<CanaryOptions> options, IOptions<InternalCallOptions> internalCalls, TimeProvider clock,
    ILogger<CanarySender> logger) : BackgroundService
{
    /// <summary>The name of Ingestion in service discovery, and of its HTTP client.</summary>
    internal const string Ingestion = "ingestion";

    /// <summary>Equal to Ingestion's own deadline.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private static readonly Uri Track = new("/api/ingestion/track/", UriKind.Relative);
    private string? _problem;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        do
        {
            if (canaries.InFlight.Count < Canaries.MaxInFlight)
                await SendAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        var canary = new CanaryInFlight(Guid.CreateVersion7(now), now, clock.GetTimestamp());
        var problem = await TryAsync(canary, stopping);
        if (problem is null)
            canaries.Accepted(canary);
        else if (!stopping.IsCancellationRequested)
            canaries.Refused();

        // Logs only the first; the counter shows the number.
        if (problem is not null && _problem is null && !stopping.IsCancellationRequested)
            LogRefused(problem);
        else if (problem is null && _problem is not null)
            LogAccepted();
        _problem = problem;
    }

    /// <returns>The reason for which it was not accepted; null if it was.</returns>
    private async Task<string?> TryAsync(CanaryInFlight canary, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Deadline, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            try
            {
                return await SendAsync(canary, stop.Token);
            }
            catch (Exception lost) when (lost is HttpRequestException or SocketException)
            {
                return await SendAsync(canary, stop.Token); // The next call goes to the next instance. The event id is the same.
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or OperationCanceledException or InvalidOperationException)
        {
            // HttpClient throws a SocketException if a new connection is reset.
            return exception is OperationCanceledException ? "no answer in time" : "no connection";
        }
    }

    private async Task<string?> SendAsync(CanaryInFlight canary, CancellationToken stop)
    {
        using var client = clients.CreateClient(Ingestion);
        using var request = Request(canary);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        return answer.StatusCode == System.Net.HttpStatusCode.Accepted ? null : $"HTTP status {(int)answer.StatusCode}";
    }

    private HttpRequestMessage Request(CanaryInFlight canary)
    {
        var occurredAt = canary.OccurredAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        var body = $$"""{"event_id":"{{canary.EventId}}","event_type":"{{Canary.EventType}}","user_id":"{{Canary.UserId}}","occurred_at":"{{occurredAt}}"}""";
        var request = new HttpRequestMessage(HttpMethod.Post, Track) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add(InternalHeaders.Secret, internalCalls.Value.Secret);
        request.Headers.Add(InternalHeaders.Project, Canary.ProjectId);
        request.Headers.Add(InternalHeaders.Environment, Contracts.Environments.Test);

        // An unsampled parent, so that neither Ingestion nor the ingestor starts a trace per canary.
        request.Headers.Add("traceparent", $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00");
        return request;
    }

    [LoggerMessage(LogLevel.Warning, "Ingestion does not accept canaries: {Problem}. Freshness is not measured until it does.")]
    private partial void LogRefused(string problem);

    [LoggerMessage(LogLevel.Information, "Ingestion accepts canaries again.")]
    private partial void LogAccepted();
}
