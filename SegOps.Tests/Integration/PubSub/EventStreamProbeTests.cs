using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

public sealed class EventStreamProbeTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task CheckAsync_PubSubAnswers_IsHealthy()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);

        var state = await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(new(HealthStatus.Healthy, null), state);
    }

    [Fact]
    public async Task CheckAsync_AskedTwiceAtOnce_AsksPubSubOnce()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);

        await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();
        await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(1, fake.Probes);
    }

    [Fact]
    public async Task CheckAsync_AskedAgainLater_AsksPubSubAgain()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);

        await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();
        _time.Advance(TimeSpan.FromSeconds(2));
        await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(2, fake.Probes);
    }

    [Fact]
    public async Task CheckAsync_SlowAnswer_IsDegraded()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnGetTopic = _ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(700));
            return Task.CompletedTask;
        };
        await using var host = Host(fake);

        var state = await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(new(HealthStatus.Degraded, "Pub/Sub took 700 ms to answer."), state);
    }

    [Fact]
    public async Task CheckAsync_NoAnswer_IsUnhealthy()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnGetTopic = cancelled => Task.Delay(Timeout.Infinite, cancelled);
        await using var host = Host(fake);

        var check = host.Probe.CheckAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => check.IsCompleted, "the probe gives up", () => _time.Advance(TimeSpan.FromSeconds(1)));

        Assert.Equal(new(HealthStatus.Unhealthy, "Pub/Sub did not answer in time."), await check);
    }

    [Theory]
    [InlineData(StatusCode.NotFound, "Pub/Sub has no topic segops-events.")]
    [InlineData(StatusCode.PermissionDenied, "Pub/Sub denies this service access to topic segops-events.")]
    [InlineData(StatusCode.Unavailable, "Pub/Sub is unavailable (Unavailable).")]
    public async Task CheckAsync_Fault_IsUnhealthyAndSaysWhy(StatusCode status, string reason)
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnGetTopic = _ => throw FakePubSub.Fault(status);
        await using var host = Host(fake);

        var state = await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(new(HealthStatus.Unhealthy, reason), state);
    }

    /// <summary>gRPC's own deadline follows the system's clock: a busy machine must not reach it.</summary>
    private PubSubHost Host(FakePubSub fake) => new(fake.ConnectionString, ["CreateTopology=false", "ProbeDeadline=00:00:30"], _time);
}
