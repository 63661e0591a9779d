using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;
using SegOps.ServiceDefaults.Health;

namespace SegOps.Monitoring.Pipeline;

/// <summary>
/// Checks every instance of a service by its health. Service discovery names them: an address for each, or a host name with several IP addresses. An
/// instance that has not answered for <see cref="PipelineOptions.ForgetInstanceAfter"/> counts as stopped on purpose and is left out until it answers,
/// unless no instance answers.
/// </summary>
internal sealed partial class ServiceInstances(
    string service, ServiceEndpointResolver discovery, IOptions<PipelineOptions> options, TimeProvider clock, ILogger<ServiceInstances> logger)
{
    /// <summary>Neither retries nor uses service discovery, unlike the factory's clients: each address is one instance.</summary>
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) });

    private readonly Dictionary<Uri, Instance> _known = [];

    /// <summary>Checks all instances at the same time.</summary>
    internal async Task<StageResult> CheckAsync(CancellationToken cancellationToken)
    {
        var discovered = (await discovery.GetEndpointsAsync("http://" + service, cancellationToken)).Endpoints.Select(AddressOf).ToHashSet();
        foreach (var address in discovered)
            _known.TryAdd(address, new Instance(clock.GetUtcNow()));

        await Task.WhenAll(_known.Select(async known => known.Value.Result = await CheckAsync(known.Key, cancellationToken)));
        var now = clock.GetUtcNow();
        foreach (var (address, instance) in _known)
        {
            if (instance.Result.Answered)
                instance.AnsweredAt = now;
            var isStopped = now - instance.AnsweredAt > options.Value.ForgetInstanceAfter;
            if (isStopped && !instance.IsStopped)
                LogStopped(logger, address, service, options.Value.ForgetInstanceAfter);
            instance.IsStopped = isStopped;
            if (isStopped && !discovered.Contains(address))
                _known.Remove(address);
        }

        var listed = _known.Values.Where(instance => !instance.IsStopped).Select(instance => instance.Result).ToList();
        return Summarise(listed.Count > 0 ? listed : [.. _known.Values.Select(instance => instance.Result)]);
    }

    /// <summary>Ok or down if all instances are, else degraded with the number of instances that are not ok and the reason of the worst.</summary>
    internal static StageResult Summarise(IReadOnlyList<InstanceResult> instances)
    {
        if (instances.Count == 0)
            return new StageResult(StageState.Down, "It cannot be reached.") { Instances = new(0, 0) };

        var worst = instances.MaxBy(instance => instance.State)!;
        var wrong = instances.Count(instance => instance.State != StageState.Ok);
        var backlogs = instances.Select(instance => instance.Backlog).OfType<Backlog>().ToList();
        return new StageResult(
            worst.State == StageState.Down && instances.Any(instance => instance.State != StageState.Down) ? StageState.Degraded : worst.State,
            wrong == 0 || instances.Count == 1 ? worst.Reason : string.Create(CultureInfo.InvariantCulture, $"{wrong} of {instances.Count} instances: {worst.Reason}"),
            backlogs.Count == 0 ? null : new Backlog(backlogs.Sum(backlog => backlog.Events), backlogs.Max(backlog => backlog.OldestSeconds)))
        {
            Instances = new(instances.Count, instances.Count - wrong),
        };
    }

    private async Task<InstanceResult> CheckAsync(Uri address, CancellationToken cancellationToken)
    {
        // Shorter than the deadline of the whole check, which the other instances' results must meet.
        var limit = options.Value.ProbeDeadline * 0.8;
        using var deadline = new CancellationTokenSource(limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var answer = await Client.GetAsync(new Uri(address, HealthEndpoints.ReadinessPath), stop.Token);
            var health = await answer.Content.ReadFromJsonAsync(HealthJson.Default.HealthAnswer, stop.Token);
            if (health?.Checks is null)
                return new(StageState.Down, "It returned an invalid answer.", Answered: true);
            var backlog = health.Checks.Values.Select(check => check.Backlog).FirstOrDefault(backlog => backlog is not null);
            return health.Status switch
            {
                "healthy" => new(StageState.Ok, null, backlog, Answered: true),
                "degraded" => new(StageState.Degraded, ReasonOf(health), backlog, Answered: true),
                _ => new(StageState.Down, ReasonOf(health), backlog, Answered: true),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(StageState.Down, string.Create(CultureInfo.InvariantCulture, $"It did not answer within {limit.TotalSeconds:0.#} s."));
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException)
        {
            return new(StageState.Down, "It cannot be reached.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return new(StageState.Down, "It returned an invalid answer.", Answered: true);
        }
    }

    private static Uri AddressOf(ServiceEndpoint endpoint) => endpoint.EndPoint is UriEndPoint { Uri: var uri } ? uri : new Uri("http://" + endpoint);

    private static string ReasonOf(HealthAnswer health)
    {
        var reasons = health.Checks.Values.Where(check => check.Status != "healthy" && check.Reason is not null).Select(check => check.Reason).ToList();
        return reasons.Count > 0 ? string.Join(' ', reasons) : "It gives no reason.";
    }

    [LoggerMessage(LogLevel.Warning, "The instance {Address} of {Service} has not answered for {Time} and is no longer watched. It counts again as soon as it answers.")]
    private static partial void LogStopped(ILogger logger, Uri address, string service, TimeSpan time);

    private sealed class Instance(DateTimeOffset since)
    {
        /// <summary>The last answer; at first the time at which the instance became known.</summary>
        internal DateTimeOffset AnsweredAt { get; set; } = since;

        internal InstanceResult Result { get; set; } = new(StageState.Down, null);

        internal bool IsStopped { get; set; }
    }
}

/// <summary>Result of checking one instance.</summary>
/// <param name="State">Its state.</param>
/// <param name="Reason">The reason if it is not ok.</param>
/// <param name="Backlog">Its waiting events; null if it does not count them.</param>
/// <param name="Answered">Whether it has answered.</param>
internal sealed record InstanceResult(StageState State, string? Reason, Backlog? Backlog = null, bool Answered = false);
