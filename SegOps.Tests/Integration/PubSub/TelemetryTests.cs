using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_PublishedAndAcked_CountEachAndEndWithNothingHeld()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull"]);
        using var sent = Collect(host, "messaging.client.sent.messages");
        using var consumed = Collect(host, "messaging.client.consumed.messages");
        using var buffered = Collect(host, "segops.pubsub.publisher.buffer.messages");
        using var outstanding = Collect(host, "segops.pubsub.subscriber.outstanding.messages");
        await using var reader = new Reader(host);

        await host.PublishAsync("x").Patiently();
        await (await fake.NextStreamAsync()).SendAsync("a", "b");
        foreach (var message in await reader.TakeAsync(2))
            message.Ack();
        await Eventually.TrueAsync(() => Sum(buffered) == 0, "the buffer's room is given back");

        Assert.Equal((1, 2, 0), (Sum(sent), Sum(consumed), Sum(outstanding)));
        Assert.Equal([1, -1], buffered.GetMeasurementSnapshot().Select(measurement => measurement.Value));
    }

    [Fact]
    public async Task AddPubSub_HealthCheck_IsNamedEventStream()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull", "ProbeSlow=00:01:00", "ProbeDeadline=00:01:00"]);

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Healthy, report.Entries["event_stream"].Status);
    }

    private static MetricCollector<long> Collect(PubSubHost host, string instrument) =>
        new(host.Services.GetRequiredService<IMeterFactory>(), "SegOps.PubSub", instrument);

    private static long Sum(MetricCollector<long> collector) => collector.GetMeasurementSnapshot().Sum(measurement => measurement.Value);
}
