using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;

namespace SegOps.PubSub.Topology;

/// <summary>The state of the event stream for this service.</summary>
/// <param name="Status">Degraded if Pub/Sub answers slowly; unhealthy if it does not answer or lacks a used topic or subscription.</param>
/// <param name="Reason">The reason if it is not healthy, without secrets and addresses.</param>
public sealed record EventStreamState(HealthStatus Status, string? Reason);

/// <summary>Reads the used topics and subscriptions from Pub/Sub. The real service requires <c>roles/pubsub.viewer</c>.</summary>
public sealed class EventStreamProbe : IHealthCheck
{
    /// <summary>Time for which an answer is reused.</summary>
    private static readonly TimeSpan Cached = TimeSpan.FromSeconds(1);

    private readonly PubSubClient _client;
    private readonly TopologyInitializer _topology;
    private readonly PubSubUsage _usage;
    private readonly PubSubOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ConcurrentDictionary<string, string> _faults = new();
    private readonly Lock _lock = new();
    private Task<EventStreamState>? _last;
    private long _lastStarted;

    internal EventStreamProbe(PubSubClient client, TopologyInitializer topology, PubSubUsage usage, IOptions<PubSubOptions> options, TimeProvider timeProvider)
    {
        _client = client;
        _topology = topology;
        _usage = usage;
        _options = options.Value;
        _timeProvider = timeProvider;
    }

    /// <summary>Probes Pub/Sub, or reuses an answer of the last second. Throws only for <paramref name="cancellationToken"/>.</summary>
    public Task<EventStreamState> CheckAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && _timeProvider.GetElapsedTime(_lastStarted) > Cached))
            {
                _lastStarted = _timeProvider.GetTimestamp();
                _last = ProbeAsync();
            }
            return _last.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var state = await CheckAsync(cancellationToken);
        return new(state.Status, state.Reason);
    }

    /// <summary>Records the reason for which a subscriber failed; null if it works again.</summary>
    internal void Report(string subscription, string? fault)
    {
        if (fault is null)
            _faults.TryRemove(subscription, out _);
        else
            _faults[subscription] = fault;
    }

    private async Task<EventStreamState> ProbeAsync()
    {
        var started = _timeProvider.GetTimestamp();
        using var deadline = new CancellationTokenSource(_options.ProbeDeadline, _timeProvider);
        List<(string Name, Task Check)> checks = [];
        try
        {
            await _topology.EnsureAsync(deadline.Token);
            checks.AddRange(_usage.Topics.Select(topic => ($"topic {topic}", CheckTopicAsync(topic, deadline.Token))));
            checks.AddRange(_usage.Subscriptions.Select(subscription => ($"subscription {subscription}", CheckSubscriptionAsync(subscription, deadline.Token))));
            await Task.WhenAll(checks.Select(each => each.Check));
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException)
        {
            var status = failure is RpcException rpc && !deadline.IsCancellationRequested ? rpc.StatusCode : StatusCode.DeadlineExceeded;
            if (_topology.CanRecreate(status))
                _topology.Invalidate();
            return new(HealthStatus.Unhealthy, Explain(status, checks.Find(each => each.Check.IsFaulted).Name));
        }

        if (_faults.Values.FirstOrDefault() is { } fault)
            return new(HealthStatus.Unhealthy, fault);
        var took = _timeProvider.GetElapsedTime(started);
        return took > _options.ProbeSlow
            ? new(HealthStatus.Degraded, $"Pub/Sub took {took.TotalMilliseconds:0} ms to answer.")
            : new(HealthStatus.Healthy, null);
    }

    private async Task CheckTopicAsync(string topic, CancellationToken cancellationToken)
    {
        var name = _client.Connection.Topic(topic);
        await _client.Publisher.GetTopicAsync(new() { Topic = name }, _client.Call(name, _options.ProbeDeadline, cancellationToken));
    }

    private async Task CheckSubscriptionAsync(string subscription, CancellationToken cancellationToken)
    {
        var name = _client.Connection.Subscription(subscription);
        await _client.Subscriber.GetSubscriptionAsync(new() { Subscription = name }, _client.Call(name, _options.ProbeDeadline, cancellationToken));
    }

    private static string Explain(StatusCode status, string? what) => status switch
    {
        StatusCode.NotFound => $"Pub/Sub has no {what ?? "such topic or subscription"}.",
        StatusCode.PermissionDenied or StatusCode.Unauthenticated => $"Pub/Sub denies this service access to {what ?? "a topic or subscription"}.",
        StatusCode.DeadlineExceeded => "Pub/Sub did not answer in time.",
        _ => $"Pub/Sub is unavailable ({status}).",
    };
}

/// <summary>Short names of the topics and subscriptions of this service, on which its health depends.</summary>
internal sealed class PubSubUsage
{
    private readonly HashSet<string> _topics = [];
    private readonly HashSet<string> _subscriptions = [];

    /// <summary>Topics to check. A service that uses none checks the main stream.</summary>
    public IReadOnlyCollection<string> Topics => IsWatcher ? [Streams.EventsTopic] : _topics;

    /// <summary>Subscriptions to check.</summary>
    public IReadOnlyCollection<string> Subscriptions => IsWatcher ? [Streams.EventsSubscription] : _subscriptions;

    private bool IsWatcher => _topics.Count + _subscriptions.Count == 0;

    public void AddTopic(string topic) => _topics.Add(topic);

    public void AddSubscription(string subscription) => _subscriptions.Add(subscription);
}
