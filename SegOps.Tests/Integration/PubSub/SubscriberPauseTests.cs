using Microsoft.Extensions.Time.Testing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

/// <summary>A subscriber whose service cannot store anything: it receives no more, and gives back what it holds for too long.</summary>
public sealed class SubscriberPauseTests
{
    private const string Streaming = "Subscriber:Mode=StreamingPull";

    [Fact]
    public async Task Pause_OpenStream_IsHalfClosed()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, Streaming);
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();

        host.Subscriber.Pause();

        await stream.HalfClosed.Patiently();
    }

    [Fact]
    public async Task Pause_MessagesReceived_StayHeldAndAreYielded()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, Streaming);
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();
        stream.EndsWhenHalfClosed = false;
        await stream.SendAsync("before");
        await reader.TakeAsync(1);

        host.Subscriber.Pause();
        await stream.HalfClosed.Patiently();
        await stream.SendAsync("in flight");
        stream.End();
        await reader.TakeAsync(1);
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Empty(fake.NackedIds);
    }

    [Fact]
    public async Task Resume_AfterAPause_OpensAnotherStream()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, Streaming);
        await using var reader = new Reader(host);
        await fake.NextStreamAsync();
        host.Subscriber.Pause();

        host.Subscriber.Resume();

        await (await fake.NextStreamAsync()).SendAsync("after");
        Assert.Equal("after", PubSubHost.Text(Assert.Single(await reader.TakeAsync(1))));
    }

    [Fact]
    public async Task Pause_Pull_EndsWithTheCallUnderWay()
    {
        await using var fake = await FakePubSub.StartAsync();
        var answer = new TaskCompletionSource();
        fake.OnPull = async (call, _) =>
        {
            await answer.Task;
            return FakePubSub.Pulled($"{call}");
        };
        await using var host = Host(fake);
        await using var reader = new Reader(host);
        await Eventually.TrueAsync(() => !fake.Pulls.IsEmpty, "it is asked");

        host.Subscriber.Pause();
        answer.SetResult();

        Assert.Equal("1", PubSubHost.Text(Assert.Single(await reader.TakeAsync(1))));
        Assert.Single(fake.Pulls);
    }

    [Fact]
    public async Task Pause_AtTheLimitOfHeldMessages_EndsTheStreamToo()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, Streaming, "Subscriber:MaxOutstandingMessages=1");
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();
        await stream.SendAsync("held");
        await reader.TakeAsync(1);

        host.Subscriber.Pause();

        await stream.HalfClosed.Patiently();
    }

    [Fact]
    public async Task Message_HeldForTooLong_IsGivenBackOnceAndToldSo()
    {
        await using var fake = await FakePubSub.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", Streaming, "Subscriber:MaxExtension=00:01:00"], time);
        await using var reader = new Reader(host);
        await (await fake.NextStreamAsync()).SendAsync("old");
        var message = Assert.Single(await reader.TakeAsync(1));

        await Eventually.TrueAsync(() => message.GivenBack.IsCompleted, "it is given back", () => time.Advance(TimeSpan.FromSeconds(1)));
        message.Ack();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.True(message.IsGivenBack);
        Assert.Equal(["ack old"], fake.NackedIds);
        Assert.Empty(fake.Acknowledges);
    }

    [Fact]
    public async Task Message_GivenBackBeforeItWasYielded_IsNotYielded()
    {
        await using var fake = await FakePubSub.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", Streaming, "Subscriber:MaxExtension=00:01:00"], time);
        await using var messages = host.Subscriber.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = messages.MoveNextAsync().AsTask();
        var stream = await fake.NextStreamAsync();
        await stream.SendAsync("first", "second");
        Assert.True(await first.Patiently());
        await Eventually.TrueAsync(() => fake.NackedIds.Count() == 2, "both are given back", () => time.Advance(TimeSpan.FromSeconds(1)));

        await stream.SendAsync("third");

        Assert.True(await messages.MoveNextAsync().AsTask().Patiently());
        Assert.Equal("third", PubSubHost.Text(messages.Current));
    }

    private static PubSubHost Host(FakePubSub fake, params string[] settings) => new(fake.ConnectionString, ["CreateTopology=false", .. settings]);
}
