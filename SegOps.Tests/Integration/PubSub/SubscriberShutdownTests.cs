using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

public sealed class SubscriberShutdownTests
{
    [Fact]
    public async Task ReadAsync_Stopped_HalfClosesAndReadsToTheEnd()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();
        stream.EndsWhenHalfClosed = false;

        await reader.StopAsync();
        await stream.HalfClosed.Patiently();
        await stream.SendAsync("late");
        stream.End();
        await reader.Ended.Patiently();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack late"], fake.NackedIds);
        Assert.False(stream.WasAborted);
    }

    [Fact]
    public async Task ReadAsync_Stopped_KeepsWhatWasHandedOut()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        await using var reader = new Reader(host);

        await (await fake.NextStreamAsync()).SendAsync("held");
        var held = Assert.Single(await reader.TakeAsync(1));
        await reader.StopAsync();
        await reader.Ended.Patiently();
        held.Ack();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack held"], fake.AckedIds);
        Assert.Empty(fake.NackedIds);
    }

    [Fact]
    public async Task ReadAsync_LeftByItsReader_NacksWhatWasNotHandedOut()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        var first = LeaveAfterOneAsync(host);

        await (await fake.NextStreamAsync()).SendAsync("first", "second", "third");
        await first.Patiently();
        await host.Subscriber.FlushAsync(TestContext.Current.CancellationToken).Patiently();

        Assert.Equal(["ack second", "ack third"], fake.NackedIds.Order());
        Assert.Equal(["ack first"], fake.AckedIds);
    }

    [Fact]
    public async Task ReadAsync_ServerDoesNotEndTheStream_EndsAtTheDrainTimeout()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, "Subscriber:DrainTimeout=00:00:00.1");
        await using var reader = new Reader(host);
        var stream = await fake.NextStreamAsync();
        stream.EndsWhenHalfClosed = false;

        await reader.StopAsync();

        await reader.Ended.Patiently();
    }

    [Fact]
    public async Task DisposeAsync_WithMessagesHeld_NacksThem()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        await using var reader = new Reader(host);

        await (await fake.NextStreamAsync()).SendAsync("held", "acked");
        (await reader.TakeAsync(2))[1].Ack();
        await host.DisposeAsync().AsTask().Patiently();

        Assert.Equal(["ack held"], fake.NackedIds);
        Assert.Equal(["ack acked"], fake.AckedIds);
    }

    [Fact]
    public async Task ReadAsync_WhileItIsRead_Throws()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        await using var reader = new Reader(host);
        await fake.NextStreamAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => LeaveAfterOneAsync(host));
    }

    private static async Task LeaveAfterOneAsync(PubSubHost host)
    {
        await foreach (var message in host.Subscriber.ReadAsync(TestContext.Current.CancellationToken))
        {
            message.Ack();
            return;
        }
    }

    private static PubSubHost Host(FakePubSub fake, params string[] settings) => new(fake.ConnectionString, ["CreateTopology=false", "Subscriber:Mode=StreamingPull", .. settings]);
}
