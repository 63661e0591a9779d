using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SegOps.PubSub.Publishing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

public sealed class PublisherTests
{
    private const string LongWindow = "Publisher:MaxBatchDelay=00:00:10";
    private const string QuickRetry = "Publisher:RetryDelay=00:00:00.001";

    [Fact]
    public async Task PublishAsync_AsManyAsABatchTakes_AreSentInOneCall()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, LongWindow, "Publisher:MaxBatchMessages=3");

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => host.PublishAsync($"{i}"))).Patiently();

        Assert.Equal([3, 3], fake.Publishes.Select(request => request.Messages.Count));
    }

    [Fact]
    public async Task PublishAsync_MoreBytesThanABatchTakes_AreSentInTwoCalls()
    {
        await using var fake = await FakePubSub.StartAsync();
        var host = Host(fake, LongWindow, "Publisher:MaxBatchBytes=1000");

        var publishes = Enumerable.Range(0, 3).Select(i => host.PublishAsync(new string((char)('a' + i), 400))).ToArray();
        await host.DisposeAsync();
        await Task.WhenAll(publishes).Patiently();

        Assert.Equal([1, 2], fake.Publishes.Select(request => request.Messages.Count).Order());
    }

    [Fact]
    public async Task PublishAsync_WithinTheWindow_AreSentInOneCallAtItsEnd()
    {
        await using var fake = await FakePubSub.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = new PubSubHost(fake.ConnectionString, ["CreateTopology=false", LongWindow], time);

        var first = host.PublishAsync("first");
        var second = host.PublishAsync("second");
        await Eventually.TrueAsync(() => first.IsCompleted && second.IsCompleted, "both are sent", () => time.Advance(TimeSpan.FromSeconds(1)));

        Assert.Equal(2, Assert.Single(fake.Publishes).Messages.Count);
    }

    [Fact]
    public async Task PublishAsync_Confirmed_EndsWithTheMessagesOwnId()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => host.PublishAsync($"{i}"))).Patiently();

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"id of {i}"), ids);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.Aborted)]
    [InlineData(StatusCode.Cancelled)]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.ResourceExhausted)]
    [InlineData(StatusCode.Unknown)]
    [InlineData(StatusCode.DeadlineExceeded)]
    public async Task PublishAsync_TransientFault_IsTriedAgain(StatusCode status)
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPublish = (call, _) => call < 3 ? throw FakePubSub.Fault(status) : Task.CompletedTask;
        await using var host = Host(fake, QuickRetry);

        var id = await host.PublishAsync("x").Patiently();

        Assert.Equal(("id of x", 3), (id, fake.Publishes.Count));
    }

    [Fact]
    public async Task PublishAsync_TransientFaultInEveryAttempt_IsUnavailable()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPublish = (_, _) => throw FakePubSub.Fault(StatusCode.Unavailable);
        await using var host = Host(fake, QuickRetry, "Publisher:MaxAttempts=4");

        var failure = await Assert.ThrowsAsync<PublishException>(() => host.PublishAsync("x").Patiently());

        Assert.Equal((PublishFailure.Unavailable, true, 4), (failure.Failure, failure.IsTransient, fake.Publishes.Count));
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.NotFound)]
    [InlineData(StatusCode.PermissionDenied)]
    public async Task PublishAsync_PermanentFault_IsRefusedWithoutAnotherAttempt(StatusCode status)
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPublish = (_, _) => throw FakePubSub.Fault(status);
        await using var host = Host(fake, QuickRetry);

        var failure = await Assert.ThrowsAsync<PublishException>(() => host.PublishAsync("x").Patiently());

        Assert.Equal((PublishFailure.Refused, false, 1), (failure.Failure, failure.IsTransient, fake.Publishes.Count));
    }

    [Fact]
    public async Task PublishAsync_TopicLostInDevelopment_IsCreatedAndTriedAgain()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPublish = (call, _) => call == 1 ? throw FakePubSub.Fault(StatusCode.NotFound) : Task.CompletedTask;
        await using var host = new PubSubHost(fake.ConnectionString, [QuickRetry]);

        await host.PublishAsync("x").Patiently();

        Assert.Equal(2, fake.Created.Count(name => name == "projects/fake/topics/segops-events"));
        Assert.Equal(2, fake.Created.Count(name => name == "projects/fake/subscriptions/segops-events-ingestor"));
    }

    [Fact]
    public async Task PublishAsync_ServerHangs_EndsAtTheDeadline()
    {
        await using var fake = await FakePubSub.StartAsync();
        fake.OnPublish = (_, cancelled) => Task.Delay(Timeout.Infinite, cancelled);
        await using var host = Host(fake, "Publisher:MessageDeadline=00:00:00.1");

        var failure = await Assert.ThrowsAsync<PublishException>(() => host.PublishAsync("x").Patiently());

        Assert.Equal((PublishFailure.DeadlineExceeded, true), (failure.Failure, failure.IsTransient));
    }

    [Fact]
    public async Task PublishAsync_MoreMessagesThanTheBufferTakes_AreRefusedUntilThereIsRoom()
    {
        await using var fake = await FakePubSub.StartAsync();
        var gate = new TaskCompletionSource();
        fake.OnPublish = (_, _) => gate.Task;
        await using var host = Host(fake, "Publisher:MaxBufferedMessages=3");

        var held = Enumerable.Range(0, 3).Select(i => host.PublishAsync($"{i}")).ToArray();
        var failure = await Assert.ThrowsAsync<PublishException>(() => host.PublishAsync("one too many").Patiently());
        gate.SetResult();
        await Task.WhenAll(held).Patiently();

        Assert.Equal(PublishFailure.BufferFull, failure.Failure);
        await PublishedOnceThereIsRoomAsync(host);
    }

    [Fact]
    public async Task PublishAsync_MoreBytesThanTheBufferTakes_IsRefused()
    {
        await using var fake = await FakePubSub.StartAsync();
        var gate = new TaskCompletionSource();
        fake.OnPublish = (_, _) => gate.Task;
        await using var host = Host(fake, "Publisher:MaxBufferedBytes=10000000");

        var held = host.PublishAsync(new string('a', 6_000_000));
        var failure = await Assert.ThrowsAsync<PublishException>(() => host.PublishAsync(new string('b', 6_000_000)).Patiently());
        gate.SetResult();
        await held.Patiently();

        Assert.Equal(PublishFailure.BufferFull, failure.Failure);
    }

    [Fact]
    public async Task PublishAsync_CancelledBeforeItIsSent_IsNotSent()
    {
        await using var fake = await FakePubSub.StartAsync();
        var host = Host(fake, LongWindow);
        using var cancel = new CancellationTokenSource();

        var cancelled = host.Publisher.PublishAsync(PubSubHost.Text("cancelled"), cancel.Token);
        var kept = host.PublishAsync("kept");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Patiently());
        await host.DisposeAsync();
        await kept.Patiently();

        Assert.Equal(["kept"], Sent(fake));
    }

    [Theory]
    [InlineData(9_000_001, 1)]
    [InlineData(1, 1025)]
    [InlineData(0, 0)]
    public async Task PublishAsync_BeyondTheServicesLimits_IsRefusedHere(int dataLength, int attributeLength)
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        var attributes = new Dictionary<string, string>();
        if (attributeLength > 0)
            attributes["key"] = new('v', attributeLength);

        var failure = await Assert.ThrowsAsync<PublishException>(() =>
            host.Publisher.PublishAsync(new(new byte[dataLength], attributes), TestContext.Current.CancellationToken).Patiently());

        Assert.Equal(PublishFailure.Refused, failure.Failure);
        Assert.Empty(fake.Publishes);
    }

    [Fact]
    public async Task DisposeAsync_WithMessagesWaiting_SendsThemFirst()
    {
        await using var fake = await FakePubSub.StartAsync();
        var host = Host(fake, LongWindow);

        var publishes = Enumerable.Range(0, 5).Select(i => host.PublishAsync($"{i}")).ToArray();
        await host.DisposeAsync().AsTask().Patiently();

        await Task.WhenAll(publishes).Patiently();
        Assert.Equal(["0", "1", "2", "3", "4"], Sent(fake).Order());
    }

    [Fact]
    public async Task PublishAsync_AfterDisposal_IsRefused()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake);
        var publisher = host.Publisher;
        await publisher.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => publisher.PublishAsync(PubSubHost.Text("x"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task PublishAsync_OfTwoTracesInOneCall_KeepsEachMessagesOwnAndGivesTheCallNone()
    {
        await using var fake = await FakePubSub.StartAsync();
        await using var host = Host(fake, LongWindow, "Publisher:MaxBatchMessages=2");
        var traces = new ConcurrentDictionary<string, string>();

        await Task.WhenAll(TracedAsync("a"), TracedAsync("b")).Patiently();

        var request = Assert.Single(fake.Publishes);
        Assert.All(request.Messages, message => Assert.Contains(traces[message.Data.ToStringUtf8()], message.Attributes["googclient_traceparent"], StringComparison.Ordinal));
        Assert.DoesNotContain(Assert.Single(fake.PublishHeaders), header => header.Key == "traceparent");

        async Task TracedAsync(string text)
        {
            using var activity = new Activity("request").Start();
            traces[text] = activity.TraceId.ToHexString();
            await host.PublishAsync(text);
        }
    }

    private static PubSubHost Host(FakePubSub fake, params string[] settings) => new(fake.ConnectionString, ["CreateTopology=false", .. settings]);

    private static IEnumerable<string> Sent(FakePubSub fake) =>
        fake.Publishes.SelectMany(request => request.Messages).Select(message => message.Data.ToStringUtf8());

    // Room is given back just after the caller is told.
    private static async Task PublishedOnceThereIsRoomAsync(PubSubHost host)
    {
        while (true)
        {
            try
            {
                await host.PublishAsync("later").Patiently();
                return;
            }
            catch (PublishException failure) when (failure.Failure is PublishFailure.BufferFull)
            {
                await Task.Yield();
            }
        }
    }
}
