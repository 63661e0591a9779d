using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.Ingestor.Streaming;

namespace SegOps.Tests.Unit.Ingestor;

public sealed class BatcherTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Channel<Delivery> _stream = Channel.CreateUnbounded<Delivery>();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task BatchAsync_BatchDelayNotOver_HoldsTheBatch()
    {
        await using var batches = Start(new() { BatchDelay = TimeSpan.FromMilliseconds(250) });
        _stream.Writer.TryWrite(Messages.DeliverRows(1));
        var next = batches.MoveNextAsync().AsTask();
        await _opened.Task.WaitAsync(TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(249));

        Assert.False(next.IsCompleted);
        _stream.Writer.Complete();
        await next;
    }

    [Fact]
    public async Task BatchAsync_BatchDelayOver_YieldsWhatThereIs()
    {
        await using var batches = Start(new() { BatchDelay = TimeSpan.FromMilliseconds(250) });
        _stream.Writer.TryWrite(Messages.DeliverRows(3));
        var next = batches.MoveNextAsync().AsTask();
        await _opened.Task.WaitAsync(TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.True(await next.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(3, batches.Current.Rows);
        _stream.Writer.Complete();
    }

    [Fact]
    public async Task BatchAsync_RowsReached_YieldsWithoutWaiting()
    {
        await using var batches = Start(new() { BatchRows = 5 });
        for (var i = 0; i < 4; i++)
            _stream.Writer.TryWrite(Messages.DeliverRows(2));

        Assert.True(await NextAsync(batches));

        Assert.Equal(6, batches.Current.Rows);
        _stream.Writer.Complete();
    }

    [Fact]
    public async Task BatchAsync_BytesReached_YieldsWithoutWaiting()
    {
        var one = Messages.DeliverRows(10);
        await using var batches = Start(new() { BatchBytes = (one.Bytes * 2) - 1 });
        for (var i = 0; i < 3; i++)
            _stream.Writer.TryWrite(Messages.DeliverRows(10));

        Assert.True(await NextAsync(batches));

        Assert.Equal(2, batches.Current.Deliveries.Count);
        _stream.Writer.Complete();
    }

    [Fact]
    public async Task BatchAsync_OneDeliveryOverTheLimit_IsABatchOfItsOwn()
    {
        await using var batches = Start(new() { BatchRows = 1 });
        _stream.Writer.TryWrite(Messages.DeliverRows(100));

        Assert.True(await NextAsync(batches));

        Assert.Equal(100, batches.Current.Rows);
        _stream.Writer.Complete();
    }

    [Fact]
    public async Task BatchAsync_StreamEnds_YieldsTheRestAndEnds()
    {
        await using var batches = Start(new());
        _stream.Writer.TryWrite(Messages.DeliverRows(1));
        _stream.Writer.TryWrite(Messages.DeliverRows(1));
        _stream.Writer.Complete();

        Assert.True(await NextAsync(batches));
        Assert.Equal(2, batches.Current.Deliveries.Count);
        Assert.False(await NextAsync(batches));
    }

    [Fact]
    public async Task BatchAsync_BatchHeldBack_ReadsOneDeliveryAheadAtMost()
    {
        await using var batches = Start(new() { BatchRows = 1 });
        for (var i = 0; i < 10; i++)
            _stream.Writer.TryWrite(Messages.DeliverRows(1));

        await NextAsync(batches);

        Assert.Equal(8, _stream.Reader.Count);
        _stream.Writer.Complete();
    }

    [Fact]
    public async Task BatchAsync_StreamFails_TellsSo()
    {
        await using var batches = Start(new());
        _stream.Writer.Complete(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => NextAsync(batches));
    }

    private static Task<bool> NextAsync(IAsyncEnumerator<Batch> batches) =>
        batches.MoveNextAsync().AsTask().WaitAsync(TestContext.Current.CancellationToken);

    private IAsyncEnumerator<Batch> Start(IngestorOptions options) => new Batcher(Options.Create(options), _time)
        .BatchAsync(_stream.Reader.ReadAllAsync(TestContext.Current.CancellationToken), options.BatchDelay, _ => _opened.TrySetResult())
        .GetAsyncEnumerator(TestContext.Current.CancellationToken);
}
