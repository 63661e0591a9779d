using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SegOps.PubSub.Subscribing;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub;

/// <summary>Reads a subscription in the background, as a service does, and keeps what it gets for the test to take.</summary>
internal sealed class Reader : IAsyncDisposable
{
    private readonly Channel<ReceivedMessage> _messages = Channel.CreateUnbounded<ReceivedMessage>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;

    public Reader(PubSubHost host)
    {
        _time = host.Services.GetRequiredService<TimeProvider>();
        Ended = ReadAsync(host.Subscriber);
    }

    /// <summary>Completes when the enumeration has ended.</summary>
    public Task Ended { get; }

    /// <summary>How many messages were received and not taken.</summary>
    public int Available => _messages.Reader.Count;

    /// <summary>Takes messages; throws what the enumeration threw.</summary>
    public async Task<List<ReceivedMessage>> TakeAsync(int count)
    {
        var taken = new List<ReceivedMessage>();
        while (taken.Count < count)
        {
            // Not ReadAsync, which would wrap what the enumeration threw.
            Assert.True(await _messages.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask().Patiently(), "the enumeration ended");
            Assert.True(_messages.Reader.TryRead(out var message));
            taken.Add(message);
        }
        return taken;
    }

    public Task StopAsync() => _stopping.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // Now and then a half-close right after the opening does not reach the server; the subscriber then cuts the stream off after its
        // DrainTimeout, which a clock that stands still would never let pass.
        (_time as FakeTimeProvider)?.Advance(TimeSpan.FromMinutes(1));
        await Ended.Patiently();
        _stopping.Dispose();
    }

    private async Task ReadAsync(Subscriber subscriber)
    {
        try
        {
            await foreach (var message in subscriber.ReadAsync(_stopping.Token))
                _messages.Writer.TryWrite(message);
            _messages.Writer.Complete();
        }
        catch (Exception failure)
        {
            _messages.Writer.Complete(failure);
        }
    }
}
