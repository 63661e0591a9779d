using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using SegOps.Bench.Chaos;
using SegOps.Contracts;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Subscribing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

/// <summary>What receiving by Pull does otherwise than by StreamingPull.</summary>
public sealed class PullTests(PubSubEmulatorFixture emulator)
{
    private const string QuickRetry = "Subscriber:ReconnectDelay=00:00:00.001";

    [Fact]
    public async Task ReadAsync_Emulator_IsAskedWithoutWaiting()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, "Subscriber:MaxOutstandingMessages=7");
        await using var reader = new Reader(host);

        await Eventually.TrueAsync(() => !fake.Pulls.IsEmpty, "it is asked");

        var request = fake.Pulls.First();
        Assert.Equal(("projects/fake/subscriptions/segops-events-ingestor", 7, true), (request.Subscription, request.MaxMessages, request.ReturnImmediately));
    }

    [Fact]
    public async Task ReadAsync_SubscriptionLeasesForLessThanTheSetting_ExtendsBeforeThatLapses()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.LeaseSeconds = 10;
        fake.OnPull = (call, _) => Task.FromResult(call == 1 ? FakePubSub.Pulled("held") : new());
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false"], time);
        await using var reader = new Reader(host);
        await reader.TakeAsync(1);

        time.Advance(TimeSpan.FromSeconds(9));

        await Eventually.TrueAsync(() => fake.DeadlineIds(60).Contains("ack held"), "the lease is extended");
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.DeadlineExceeded)]
    public async Task ReadAsync_CallFailsForTheTimeBeing_TheNextIsMade(StatusCode status)
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPull = (call, _) => call == 1 ? throw FakePubSub.Fault(status) : Task.FromResult(FakePubSub.Pulled("after"));
        await using var host = Host(fake, QuickRetry);
        await using var reader = new Reader(host);

        Assert.Equal("after", PubSubHost.Text(Assert.Single(await reader.TakeAsync(1))));
    }

    [Fact]
    public async Task ReadAsync_SubscriptionMissingInProduction_ThrowsAndIsUnhealthy()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPull = (_, _) => throw FakePubSub.Fault(StatusCode.NotFound);
        await using var host = Host(fake);
        await using var reader = new Reader(host);

        var failure = await Assert.ThrowsAsync<SubscriptionException>(() => reader.TakeAsync(1));

        Assert.Equal(StatusCode.NotFound, failure.Status);
        Assert.Equal(HealthStatus.Unhealthy, (await host.Probe.CheckAsync(TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task ReadAsync_AsManyMessagesHeldAsTheLimit_AsksForNoMoreUntilOneIsAcked()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPull = (call, _) => Task.FromResult(FakePubSub.Pulled($"{call}"));
        await using var host = Host(fake, "Subscriber:MaxOutstandingMessages=2");
        await using var reader = new Reader(host);

        for (var calls = 2; calls <= 10; calls += 2)
        {
            var held = await reader.TakeAsync(2);
            Assert.Equal((0, calls), (reader.Available, fake.Pulls.Count));
            foreach (var message in held)
                message.Ack();
        }
    }

    [Fact]
    public async Task ReadAsync_StoppedWhileACallIsUnderWay_WaitsForItAndNacksWhatItBrings()
    {
        await using var fake = await FakePubSub.StartAsync();
        var answer = new TaskCompletionSource();
        fake.OnPull = async (_, cancelled) =>
        {
            await answer.Task.WaitAsync(cancelled);
            return FakePubSub.Pulled("late");
        };
        await using var host = Host(fake);
        await using var reader = new Reader(host);
        await Eventually.TrueAsync(() => !fake.Pulls.IsEmpty, "it is asked");

        await reader.StopAsync();
        answer.SetResult();
        await reader.Ended.Patiently();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack late"], fake.NackedIds);
    }

    [Fact]
    public async Task ReadAsync_AnotherSubscriberTookMessagesAndDied_ReceivesThemWhenTheirLeaseEnds()
    {
        await using var host = new PubSubHost(await emulator.NewProjectAsync(), ["Subscriber:AckDeadline=00:00:10", "Subscriber:ExtendBefore=00:00:05"]);
        var client = host.Services.GetRequiredService<PubSubClient>();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => host.PublishAsync($"{i}")));
        var abandoned = await client.Subscriber.PullAsync(
            new() { Subscription = client.Connection.Subscription(Streams.EventsSubscription), MaxMessages = 100, ReturnImmediately = true },
            cancellationToken: TestContext.Current.CancellationToken);

        await using var reader = new Reader(host);
        var received = await reader.TakeAsync(20);

        Assert.NotEmpty(abandoned.ReceivedMessages);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}").Order(), received.Select(PubSubHost.Text).Distinct().Order());
    }

    /// <summary>Nothing but a ping finds out that the other side of a silent connection is gone.</summary>
    [Fact]
    public async Task ReadAsync_ConnectionHalfOpen_GoesOnWithAnother()
    {
        var connection = await emulator.NewProjectAsync();
        var port = new Uri(connection.Split('=', ';')[1]).Port;
        await using var proxy = new FaultProxy(port);
        await using var near = new PubSubHost(connection);
        await using var far = new PubSubHost(connection.Replace($":{port}", $":{proxy.Port}", StringComparison.Ordinal), [QuickRetry]);
        await using var reader = new Reader(far);
        await near.PublishAsync("before");
        Assert.Single(await reader.TakeAsync(1)).Ack();

        proxy.Swallow();
        proxy.Lift();
        await near.PublishAsync("after");

        Assert.Equal("after", PubSubHost.Text(Assert.Single(await reader.TakeAsync(1))));
    }

    private static PubSubHost Host(FakePubSub fake, params string[] settings) => new(fake.ConnectionString, ["CreateTopology=false", .. settings]);
}
