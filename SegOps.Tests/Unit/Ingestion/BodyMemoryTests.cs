using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Ingestion.Bodies;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class BodyMemoryTests
{
    private const int Batch = EventLimits.MaxBatchBodyBytes;
    private readonly FakeTimeProvider _clock = new();
    private readonly BodyMemory _memory;

    public BodyMemoryTests() => _memory = new(Options.Create(new BodyOptions { MaxBytesInFlight = 4 * Batch }), _clock);

    [Fact]
    public void TryTake_FastBodies_HaveAllOfTheRoom()
    {
        using var body = _memory.Begin();

        Assert.True(body.TryTake(4 * Batch));
        Assert.False(body.TryTake(1));
    }

    [Fact]
    public void TryTake_SlowBodies_HaveHalfOfTheRoom()
    {
        using var one = Slow(Batch);
        using var other = Slow(Batch);

        Assert.False(other.TryTake(1));
    }

    [Fact]
    public void TryTake_WhileSlowBodiesHaveTheirHalf_LeavesTheOtherToFastOnes()
    {
        using var slow = Slow(2 * Batch);
        using var fast = _memory.Begin();

        Assert.True(fast.TryTake(2 * Batch));
    }

    [Fact]
    public void TryTake_OneSlowBatchInTheSmallestRoom_Fits()
    {
        var memory = new BodyMemory(Options.Create(new BodyOptions { MaxBytesInFlight = Batch }), _clock);
        using var body = memory.Begin();
        _clock.Advance(BodyMemory.SlowAfter * 2);

        Assert.True(body.TryTake(Batch));
    }

    [Fact]
    public void Dispose_SlowBody_GivesItsRoomBack()
    {
        Slow(2 * Batch).Dispose();

        using var next = Slow(2 * Batch);
    }

    [Fact]
    public void Dispose_BodyThatDidNotFit_GivesItsRoomBack()
    {
        using (Slow(2 * Batch))
        using (var tooMany = _memory.Begin())
        {
            _clock.Advance(BodyMemory.SlowAfter * 2);
            Assert.False(tooMany.TryTake(Batch));
        }

        using var all = _memory.Begin();
        Assert.True(all.TryTake(4 * Batch));
    }

    private BodyMemory.Share Slow(int bytes)
    {
        var body = _memory.Begin();
        Assert.True(body.TryTake(bytes / 2));
        _clock.Advance(BodyMemory.SlowAfter * 2);
        Assert.True(body.TryTake(bytes - (bytes / 2)));
        return body;
    }
}
