using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using SegOps.PubSub.Subscribing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

public sealed class SubscriberTests
{
    private const string QuickReconnect = "Subscriber:ReconnectDelay=00:00:00.001";

    [Fact]
    public async Task ReadAsync_Stream_IsOpenedWithTheDeadlineAndTheLimits()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, "Subscriber:MaxOutstandingMessages=7", "Subscriber:MaxOutstandingBytes=8000");
        await using var reader = new Reader(host);

        var stream = await fake.NextStreamAsync();
        await Eventually.TrueAsync(() => !stream.Requests.IsEmpty, "the stream is opened");

        var opening = stream.Requests.First();
        Assert.Equal("projects/fake/subscriptions/segops-events-ingestor", opening.Subscription);
        Assert.Equal((60, 7, 8000), (opening.StreamAckDeadlineSeconds, opening.MaxOutstandingMessages, opening.MaxOutstandingBytes));
    }

    [Fact]
    public async Task Ack_Messages_AreAcknowledgedInBatchesOfTheLimit()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, "Subscriber:MaxAckIds=2");
        await using var reader = new Reader(host);

        await (await fake.NextStreamAsync()).SendAsync("a", "b", "c", "d", "e");
        foreach (var message in await reader.TakeAsync(5))
            message.Ack();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack a", "ack b", "ack c", "ack d", "ack e"], fake.AckedIds.Order());
        Assert.All(fake.Acknowledges, request => Assert.InRange(request.AckIds.Count, 1, 2));
    }

    [Fact]
    public async Task Ack_AfterANack_ChangesNothing()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        await using var reader = new Reader(host);

        await (await fake.NextStreamAsync()).SendAsync("a");
        var message = Assert.Single(await reader.TakeAsync(1));
        message.Nack();
        message.Ack();
        message.Nack();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack a"], fake.NackedIds);
        Assert.Empty(fake.Acknowledges);
    }

    [Fact]
    public async Task Ack_CallFailsForTheTimeBeing_IsSentAgain()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnAcknowledge = call => call == 1 ? throw FakePubSub.Fault(StatusCode.Unavailable) : Task.CompletedTask;
        await using var host = Host(fake);
        await using var reader = new Reader(host);

        await (await fake.NextStreamAsync()).SendAsync("a");
        Assert.Single(await reader.TakeAsync(1)).Ack();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack a", "ack a"], fake.AckedIds);
    }

    [Fact]
    public async Task Ack_CallFailsForGood_IsDroppedAndReadingGoesOn()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnAcknowledge = call => call == 1 ? throw FakePubSub.Fault(StatusCode.InvalidArgument) : Task.CompletedTask;
        await using var host = Host(fake);
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();

        await stream.SendAsync("lost");
        Assert.Single(await reader.TakeAsync(1)).Ack();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();
        await stream.SendAsync("next");
        Assert.Single(await reader.TakeAsync(1)).Ack();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack lost", "ack next"], fake.AckedIds);
    }

    [Fact]
    public async Task ReadAsync_MessageHeldPastItsDeadline_IsExtendedUntilAcked()
    {
        await using var fake = await FakePubSub.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull"], time);
        await using var reader = new Reader(host);

        await (await fake.NextStreamAsync()).SendAsync("held", "acked");
        var messages = await reader.TakeAsync(2);
        messages[1].Ack();
        await Eventually.TrueAsync(() => fake.DeadlineIds(60).Count() >= 3, "the lease is extended three times", () => time.Advance(TimeSpan.FromSeconds(1)));

        Assert.All(fake.DeadlineIds(60), id => Assert.Equal("ack held", id));
    }

    [Fact]
    public async Task ReadAsync_MessageHeldPastTheLongestExtension_IsExtendedNoMore()
    {
        await using var fake = await FakePubSub.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull", "Subscriber:MaxExtension=00:01:00"], time);
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();

        await stream.SendAsync("old");
        await reader.TakeAsync(1);
        await Eventually.TrueAsync(() => fake.DeadlineIds(60).Contains("ack old"), "the first is extended", () => time.Advance(TimeSpan.FromSeconds(1)));
        time.Advance(TimeSpan.FromMinutes(1));
        await stream.SendAsync("new");
        await reader.TakeAsync(1);
        await Eventually.TrueAsync(() => fake.DeadlineIds(60).Contains("ack new"), "the second is extended", () => time.Advance(TimeSpan.FromSeconds(1)));

        Assert.Equal(["ack old", "ack new"], fake.DeadlineIds(60));
    }

    [Fact]
    public async Task ReadAsync_QuietStream_IsPinged()
    {
        await using var fake = await FakePubSub.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull"], time);
        await using var reader = new Reader(host);

        var stream = await fake.NextStreamAsync();
        await Eventually.TrueAsync(() => stream.Requests.Count >= 3, "two pings follow the opening", () => time.Advance(TimeSpan.FromSeconds(1)));

        Assert.All(stream.Requests.Skip(1), request => Assert.Equal(new(), request));
    }

    [Theory]
    [InlineData(StatusCode.OK)]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.Internal)]
    public async Task ReadAsync_StreamEnds_AnotherTakesOver(StatusCode status)
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, QuickReconnect);
        await using var reader = new Reader(host);

        var first = await fake.NextStreamAsync();
        await first.SendAsync("before");
        await reader.TakeAsync(1);
        if (status == StatusCode.OK)
            first.End();
        else
            first.Break(status);
        await (await fake.NextStreamAsync()).SendAsync("after");

        Assert.Equal("after", PubSubHost.Text(Assert.Single(await reader.TakeAsync(1))));
    }

    [Fact]
    public async Task ReadAsync_LongLivedStreamEndsUnavailable_AnotherTakesOverWithoutAWait()
    {
        await using var fake = await FakePubSub.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull", "Subscriber:ReconnectDelay=00:01:00"], time);
        await using var reader = new Reader(host);

        var first = await fake.NextStreamAsync();
        time.Advance(TimeSpan.FromSeconds(46));
        first.Break(StatusCode.Unavailable);

        // The clock stands still, so that a wait would never end.
        await fake.NextStreamAsync();
    }

    [Theory]
    [InlineData(StatusCode.NotFound)]
    [InlineData(StatusCode.PermissionDenied)]
    public async Task ReadAsync_SubscriptionMissingOrForbiddenInProduction_ThrowsAndIsUnhealthy(StatusCode status)
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, "Subscriber:Streams=2");
        await using var reader = new Reader(host);

        (await fake.NextStreamAsync()).Break(status);
        var failure = await Assert.ThrowsAsync<SubscriptionException>(() => reader.TakeAsync(1));

        Assert.Equal(status, failure.Status);
        Assert.Equal(HealthStatus.Unhealthy, (await host.Probe.CheckAsync(TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task ReadAsync_SubscriptionLostInDevelopment_IsCreatedAndReadAgain()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = new PubSubHost(fake.ConnectionString, [QuickReconnect, "Subscriber:Mode=StreamingPull"]);
        await using var reader = new Reader(host);

        (await fake.NextStreamAsync()).Break(StatusCode.NotFound);
        await (await fake.NextStreamAsync()).SendAsync("x");
        await reader.TakeAsync(1);

        Assert.Equal(2, fake.Created.Count(name => name == "projects/fake/subscriptions/segops-events-ingestor"));
    }

    [Fact]
    public async Task ReadAsync_AsManyMessagesHeldAsTheLimit_ReadsNoMoreUntilOneIsAcked()
    {
        const int Limit = 2, Count = 50;
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, $"Subscriber:MaxOutstandingMessages={Limit}");
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();
        for (var i = 0; i < Count; i++)
            await stream.SendAsync($"{i}");

        for (var i = 0; i < Count; i += Limit)
        {
            var held = await reader.TakeAsync(Limit);
            Assert.Equal(0, reader.Available);
            foreach (var message in held)
                message.Ack();
        }
    }

    [Fact]
    public async Task ReadAsync_AsManyBytesHeldAsTheLimit_ReadsNoMoreUntilOneIsNacked()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, "Subscriber:MaxOutstandingBytes=1000");
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();
        foreach (var letter in "abc")
            await stream.SendAsync(new string(letter, 2000));

        foreach (var _ in "abc")
        {
            var held = Assert.Single(await reader.TakeAsync(1));
            Assert.Equal(0, reader.Available);
            held.Nack();
        }
    }

    private static PubSubHost Host(FakePubSub fake, params string[] settings) => new(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull", .. settings]);
}
