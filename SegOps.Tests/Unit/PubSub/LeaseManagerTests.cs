using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Subscribing;
using SegOps.PubSub.Telemetry;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.PubSub;

public sealed class LeaseManagerTests : IAsyncDisposable
{
    private static readonly TimeSpan FirstAge = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PubSubTelemetry _telemetry;
    private readonly LeaseManager _leases;
    private readonly List<string> _extended = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _extending;

    public LeaseManagerTests()
    {
        _telemetry = new(_services.GetRequiredService<IMeterFactory>(), _time);
        _leases = new("s", new SubscriberOptions { MaxExtension = FirstAge, MaxOutstandingMessages = 1 }, _telemetry, _time);
        _extending = _leases.ExtendAsync(_extended.Add, _stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _extending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _telemetry.Dispose();
        await _services.DisposeAsync();
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(2, 20)]
    [InlineData(3, 80)]
    [InlineData(4, 320)]
    public async Task Lease_OfEachDelivery_MayBeHeldFourTimesAsLong(int attempt, int minutes)
    {
        var given = false;
        Hold(attempt, onTooOld: () => given = true);

        await AdvanceAsync(TimeSpan.FromMinutes(minutes));
        Assert.False(given);
        await AdvanceAsync(TimeSpan.FromSeconds(2));

        await Eventually.TrueAsync(() => given, "the message is given back");
    }

    [Fact]
    public void Lease_ReturnedAtEachLimit_IsDeliveredFewerThanTenTimesInAllItsRetention()
    {
        var (held, deliveries) = (TimeSpan.Zero, 0);
        while (held < TimeSpan.FromDays(7))
            held += Hold(++deliveries).MaxAge;

        Assert.InRange(deliveries, 1, 9);
    }

    [Fact]
    public async Task Lease_TooOld_IsNotExtendedAnyMore()
    {
        Lease? lease = null;
        lease = Hold(1, onTooOld: () => _leases.Remove(lease!));
        await AdvanceAsync(FirstAge + TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => _leases.Held().Count == 0, "the message is given back");
        var before = _extended.Count;

        await AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(before, _extended.Count);
    }

    [Fact]
    public async Task Lease_GivenBack_FreesItsRoom()
    {
        Lease? lease = null;
        lease = Hold(1, onTooOld: () => _leases.Remove(lease!));
        var room = _leases.RoomAsync();
        Assert.False(room.IsCompleted);

        await AdvanceAsync(FirstAge + TimeSpan.FromSeconds(2));

        await room.Patiently();
    }

    private Lease Hold(int attempt, Action? onTooOld = null)
    {
        var lease = _leases.Add($"ack {attempt}", 10, TimeSpan.FromSeconds(60), attempt);
        lease.OnTooOld = onTooOld;
        return lease;
    }

    /// <summary>Moves the clock by seconds, so that each tick is seen.</summary>
    private async Task AdvanceAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(10))
        {
            _time.Advance(TimeSpan.FromSeconds(Math.Min(10, (time - passed).TotalSeconds)));
            await Task.Yield();
        }
    }
}
