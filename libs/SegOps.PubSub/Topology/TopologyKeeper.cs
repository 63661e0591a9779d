using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SegOps.PubSub.Connection;

namespace SegOps.PubSub.Topology;

/// <summary>In development, creates the topics and subscriptions before they are used, and again after the emulator has lost them.</summary>
internal sealed partial class TopologyKeeper(PubSubClient client, IOptions<PubSubOptions> options, ILogger<TopologyKeeper> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private volatile bool _ensured;

    /// <summary>False in production, where a missing topic is a fault to report.</summary>
    public bool Creates { get; } = options.Value.CreateTopology ?? client.Connection.IsEmulator;

    /// <summary>Whether this failure can mean that the emulator restarted, which loses everything in it.</summary>
    public bool CanHeal(StatusCode status) => Creates && status is StatusCode.NotFound or StatusCode.Unavailable;

    /// <summary>Makes the next <see cref="EnsureAsync"/> create anew.</summary>
    public void Doubt() => _ensured = false;

    /// <summary>
    /// Creates what is missing; does nothing in production and when it is already done. Everybody calls it before publishing, so that
    /// no message goes into a topic whose subscription is still to come.
    /// </summary>
    /// <exception cref="RpcException">Pub/Sub does not answer or refuses.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!Creates || _ensured)
            return;
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_ensured)
                return;
            foreach (var (topic, subscription) in StreamTopology.Of(client.Connection, options.Value.Subscriber.AckDeadline))
            {
                await CreateAsync(call => client.Publisher.CreateTopicAsync(topic, call).ResponseAsync, topic.Name, cancellationToken);
                await CreateAsync(call => client.Subscriber.CreateSubscriptionAsync(subscription, call).ResponseAsync, subscription.Name, cancellationToken);
            }
            _ensured = true;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task CreateAsync(Func<CallOptions, Task> create, string name, CancellationToken cancellationToken)
    {
        try
        {
            await create(client.Call(name, options.Value.AdminDeadline, cancellationToken));
            LogCreated(logger, name);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.AlreadyExists)
        {
            // Another service was first.
        }
    }

    [LoggerMessage(LogLevel.Information, "Created {Name}.")]
    private static partial void LogCreated(ILogger logger, string name);
}
