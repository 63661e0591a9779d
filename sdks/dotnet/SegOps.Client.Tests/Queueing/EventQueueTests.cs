using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using SegOps.Client.Events;
using SegOps.Client.Queueing;
using SegOps.Client.Reporting;

namespace SegOps.Client.Tests.Queueing;

public class EventQueueTests
{
    private readonly TestClock _time = new();

    [Fact]
    public void Add_FullByCount_RefusesTheNewest()
    {
        var queue = New(new SegOpsOptions { MaxQueueEvents = 2 });

        var events = Enumerable.Range(0, 3).Select(_ => Event()).ToArray();
        Array.ForEach(events, queue.Add);

        Assert.Equal(events.Take(2), queue.Take(0, 500, int.MaxValue));
        Assert.Equal(1, queue.Stats().Drops[DropReason.QueueFull]);
    }

    [Fact]
    public void Add_FullByBytes_RefusesTheNewest()
    {
        var queue = New(new SegOpsOptions { MaxQueueBytes = 25 });

        queue.Add(Event(10));
        queue.Add(Event(16));
        queue.Add(Event(15));

        Assert.Equal(25, queue.Stats().QueuedBytes);
        Assert.Equal(1, queue.Stats().Drops[DropReason.QueueFull]);
    }

    [Fact]
    public void Take_Limits_CountEventsAndBytes()
    {
        var queue = New();
        for (var i = 0; i < 10; i++)
        {
            queue.Add(Event(10));
        }

        Assert.Equal(4, queue.Take(0, 4, int.MaxValue).Count);
        Assert.Equal(3, queue.Take(0, 500, 33).Count);
        Assert.Single(queue.Take(0, 500, 5));
    }

    [Fact]
    public void Take_Skip_GoesRound()
    {
        var queue = New();
        var events = Enumerable.Range(0, 3).Select(_ => Event()).ToArray();
        Array.ForEach(events, queue.Add);

        Assert.Equal([events[1]], queue.Take(4, 1, int.MaxValue));
    }

    [Fact]
    public void Return_UndecidedEvents_AreQueuedInTheirOldOrder()
    {
        var queue = New();
        var events = Enumerable.Range(0, 4).Select(_ => Event()).ToArray();
        Array.ForEach(events, queue.Add);
        queue.Take(0, 3, int.MaxValue);
        queue.Decide(events[1], Fate.Accepted);

        queue.Return();

        Assert.Equal([events[0], events[2], events[3]], queue.Take(0, 500, int.MaxValue));
    }

    [Fact]
    public void Decide_Twice_CountsOnce()
    {
        var queue = New();
        var queued = Event();
        queue.Add(queued);

        Assert.True(queue.Decide(queued, Fate.Accepted));
        Assert.False(queue.Decide(queued, Fate.Dropped, DropReason.Shutdown));

        Assert.Equal((1, 0), (queue.Stats().Accepted, queue.Stats().Dropped));
    }

    [Fact]
    public void DueAt_FewEvents_IsTheOldestsIntervalAway()
    {
        var queue = New();
        queue.Add(Event());
        _time.Advance(TimeSpan.FromSeconds(3));
        queue.Add(Event());

        Assert.Equal(TimeSpan.FromSeconds(5), queue.DueAt());
    }

    [Fact]
    public void DueAt_CountReached_IsNowForAllThatWasThere()
    {
        var queue = New(new SegOpsOptions { FlushAt = 3 });
        var events = Enumerable.Range(0, 3).Select(_ => Event()).ToArray();
        Array.ForEach(events, queue.Add);

        Assert.Equal(TimeSpan.Zero, queue.DueAt());
        queue.Decide(events[0], Fate.Accepted);

        Assert.Equal(TimeSpan.Zero, queue.DueAt());
    }

    [Fact]
    public void DueAt_EmptyQueue_IsNever() => Assert.Null(New().DueAt());

    [Fact]
    public void Expire_OldEvents_AreDroppedOthersStay()
    {
        var queue = New();
        queue.Add(Event());
        _time.Advance(TimeSpan.FromHours(1));
        queue.Add(Event());
        _time.Advance(TimeSpan.FromHours(23));

        Assert.Equal(TimeSpan.FromHours(25), queue.Expire());
        Assert.Equal(1, queue.Stats().Drops[DropReason.Expired]);
    }

    [Fact]
    public async Task Flush_EmptyQueue_IsDecided() => await New().Flush().Decided.WaitAsync(Guard.Token);

    [Fact]
    public void Flush_LaterEvents_DoNotCount()
    {
        var queue = New();
        var before = Event();
        queue.Add(before);
        var waiter = queue.Flush();
        var after = Event();
        queue.Add(after);

        queue.Decide(after, Fate.Accepted);
        Assert.False(waiter.Decided.IsCompleted);
        queue.Decide(before, Fate.Rejected);

        Assert.True(waiter.Decided.IsCompleted);
        Assert.Equal((0, 1, 0), (queue.End(waiter).Accepted, queue.End(waiter).Rejected, queue.End(waiter).Remaining));
    }

    [Fact]
    public void Stats_AnyOperations_AddUp() => Gen.Select(Gen.Int[0, 6], Gen.Int[1, 20]).Array[1, 200].Sample(steps =>
    {
        var queue = New(new SegOpsOptions { MaxQueueEvents = 30, MaxQueueBytes = 300, FlushAt = 5 });
        List<QueuedEvent> flight = [];
        foreach (var (step, size) in steps)
        {
            switch (step)
            {
                case 0 or 1 or 2: queue.Add(Event(size)); break;
                case 3: flight = queue.Take(size, size, size * 20); break;
                case 4: flight.ForEach(queued => queue.Decide(queued, Fate.Accepted)); break;
                case 5: flight.ForEach(queued => queue.Drop(queued, DropReason.Rejected)); queue.Return(); break;
                case 6: queue.Refuse(new EventDrop { Reason = DropReason.Invalid }); queue.Return(); break;
            }

            var stats = queue.Stats();
            Assert.Equal(stats.Tracked, stats.Accepted + stats.Rejected + stats.Dropped + stats.Queued + stats.InFlight);
            Assert.InRange(stats.Queued + stats.InFlight, 0, 30);
            Assert.InRange(stats.QueuedBytes, 0, 300);
        }
    });

    private EventQueue New(SegOpsOptions? options = null)
    {
        var clock = new Clock(_time);
        var chosen = options ?? new SegOpsOptions();
        return new EventQueue(chosen, clock, new Reporter(chosen, NullLogger.Instance, clock));
    }

    private static QueuedEvent Event(int bytes = 10) => new(Guid.NewGuid(), "order_placed", Encoding.ASCII.GetBytes(new string('x', bytes)), false);
}
