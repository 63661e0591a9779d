using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using SegOps.Contracts;
using SegOps.PubSub;
using SegOps.PubSub.Publishing;
using SegOps.PubSub.Subscribing;
using SegOps.PubSub.Topology;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

/// <summary>A service that publishes and receives events, without the rest of a service.</summary>
internal sealed class PubSubHost : IAsyncDisposable
{
    private readonly IHost _host;

    /// <param name="connectionString">Where Pub/Sub is.</param>
    /// <param name="settings">Settings below <c>PubSub:</c>, such as <c>Publisher:MaxAttempts=2</c>.</param>
    /// <param name="time">The clock; the system's by default.</param>
    public PubSubHost(string connectionString, string[]? settings = null, TimeProvider? time = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:pubsub", connectionString),
            // A busy machine must not decide an outcome; tests of the deadline itself set their own.
            new("PubSub:Publisher:MessageDeadline", "00:05:00"),
        ]);
        builder.Configuration.AddInMemoryCollection((settings ?? [])
            .Select(setting => setting.Split('='))
            .Select(pair => new KeyValuePair<string, string?>("PubSub:" + pair[0], pair[1])));
        builder.AddPubSub().AddPublisher(Streams.EventsTopic).AddSubscriber(Streams.EventsSubscription);
        if (time is not null)
            builder.Services.Replace(ServiceDescriptor.Singleton(time));
        _host = builder.Build();
    }

    public IServiceProvider Services => _host.Services;

    public Publisher Publisher => Services.GetRequiredKeyedService<Publisher>(Streams.EventsTopic);

    public Subscriber Subscriber => Services.GetRequiredKeyedService<Subscriber>(Streams.EventsSubscription);

    public EventStreamProbe Probe => Services.GetRequiredService<EventStreamProbe>();

    public Task<string> PublishAsync(string text) => Publisher.PublishAsync(Text(text), TestContext.Current.CancellationToken);

    /// <summary>Asks until the event stream is in this state.</summary>
    public Task UntilHealthIsAsync(HealthStatus status) =>
        Eventually.IsAsync(status, async () => (await Probe.CheckAsync(TestContext.Current.CancellationToken)).Status);

    public static OutgoingMessage Text(string text) => new(System.Text.Encoding.UTF8.GetBytes(text), new Dictionary<string, string>());

    public static string Text(ReceivedMessage message) => System.Text.Encoding.UTF8.GetString(message.Data.Span);

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
