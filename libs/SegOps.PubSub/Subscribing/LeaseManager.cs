using SegOps.PubSub.Configuration;
using SegOps.PubSub.Telemetry;

namespace SegOps.PubSub.Subscribing;

/// <summary>
/// Tracks leased messages, limits their number, and extends their leases up to an age. That age grows with each delivery of a message, because
/// every end of a lease counts as a delivery attempt: docs/decisions/0020-outages.md.
/// </summary>
internal sealed class LeaseManager(string subscription, SubscriberOptions options, PubSubTelemetry telemetry, TimeProvider timeProvider)
{
    /// <summary>
    /// Growth of the longest age from one delivery to the next. With the default of 5 min, seven deliveries span more than the 7 days for which
    /// Pub/Sub keeps a message.
    /// </summary>
    private const int Growth = 4;

    /// <summary>Above all retention, and below what overflows.</summary>
    private const int MaxGrowths = 10;

    private readonly Lock _lock = new();
    private readonly HashSet<Lease> _held = [];
    private long _bytes;
    private TaskCompletionSource? _room;

    /// <summary>Starts the lease of a message's delivery.</summary>
    /// <param name="ackId">Identifies the delivery to Pub/Sub.</param>
    /// <param name="bytes">Size of the message.</param>
    /// <param name="length">The lease's length until it is extended.</param>
    /// <param name="attempt">1 for the first delivery; 0 if it is not counted.</param>
    public Lease Add(string ackId, int bytes, TimeSpan length, int attempt)
    {
        var lease = new Lease(ackId, bytes, timeProvider.GetTimestamp(), length, MaxAge(attempt));
        lock (_lock)
        {
            _held.Add(lease);
            _bytes += bytes;
        }
        telemetry.Outstanding(subscription, 1, bytes);
        return lease;
    }

    /// <summary>Ends a lease; false if it had already ended.</summary>
    public bool Remove(Lease lease)
    {
        lock (_lock)
        {
            if (!_held.Remove(lease))
                return false;
            _bytes -= lease.Bytes;
            if (!IsFull())
                _room?.TrySetResult();
        }
        telemetry.Outstanding(subscription, -1, -lease.Bytes);
        return true;
    }

    /// <summary>The current leases.</summary>
    public IReadOnlyList<Lease> Held()
    {
        lock (_lock)
            return [.. _held];
    }

    /// <summary>Completes when the held messages are below the limits of all streams together.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
        {
            if (!IsFull())
                return Task.CompletedTask;
            if (_room is null || _room.Task.IsCompleted)
                _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Calls <paramref name="extend"/> with the ack ids of leases that expire soon, and ends the oldest leases, until cancelled.</summary>
    public async Task ExtendAsync(Action<string> extend, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var (due, old) = TakeDue();
            foreach (var ackId in due)
                extend(ackId);
            foreach (var lease in old)
                lease.OnTooOld?.Invoke();
        }
    }

    private (List<string> Due, List<Lease> Old) TakeDue()
    {
        var now = timeProvider.GetTimestamp();
        var (due, old) = (new List<string>(), new List<Lease>());
        lock (_lock)
        {
            foreach (var lease in _held)
            {
                if (timeProvider.GetElapsedTime(lease.ReceivedAt, now) > lease.MaxAge)
                {
                    old.Add(lease);
                }
                else if (timeProvider.GetElapsedTime(lease.RunsFrom, now) >= lease.Length - ExtendBefore(lease))
                {
                    lease.RunsFrom = now;
                    lease.Length = options.AckDeadline;
                    due.Add(lease.AckId);
                }
            }
        }
        return (due, old);
    }

    private TimeSpan MaxAge(int attempt) => options.MaxExtension * Math.Pow(Growth, Math.Clamp(attempt - 1, 0, MaxGrowths));

    /// <summary>The subscription's lease can be shorter than the setting.</summary>
    private TimeSpan ExtendBefore(Lease lease) => options.ExtendBefore < lease.Length / 2 ? options.ExtendBefore : lease.Length / 2;

    private bool IsFull() =>
        _held.Count >= (long)options.MaxOutstandingMessages * options.Streams || _bytes >= options.MaxOutstandingBytes * options.Streams;
}

/// <summary>The lease of a delivery.</summary>
/// <param name="ackId">Identifies the delivery to Pub/Sub.</param>
/// <param name="bytes">Size of the message.</param>
/// <param name="receivedAt">The clock's timestamp of the receipt.</param>
/// <param name="length">See <see cref="Length"/>.</param>
/// <param name="maxAge">See <see cref="MaxAge"/>.</param>
internal sealed class Lease(string ackId, int bytes, long receivedAt, TimeSpan length, TimeSpan maxAge)
{
    public string AckId { get; } = ackId;

    public int Bytes { get; } = bytes;

    public long ReceivedAt { get; } = receivedAt;

    /// <summary>Age at which the message is given back.</summary>
    public TimeSpan MaxAge { get; } = maxAge;

    /// <summary>Gives the message back. It is called until the lease is removed.</summary>
    public Action? OnTooOld { get; set; }

    /// <summary>Start of the lease: the timestamp of the delivery or of the latest extension.</summary>
    public long RunsFrom { get; set; } = receivedAt;

    /// <summary>Duration from <see cref="RunsFrom"/>.</summary>
    public TimeSpan Length { get; set; } = length;
}
