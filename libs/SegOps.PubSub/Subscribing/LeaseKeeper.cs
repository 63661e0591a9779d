using SegOps.PubSub.Telemetry;

namespace SegOps.PubSub.Subscribing;

/// <summary>Knows what is held, says when there is room for more, and which leases to extend.</summary>
internal sealed class LeaseKeeper(string subscription, SubscriberOptions options, PubSubTelemetry telemetry, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Lease> _held = [];
    private long _bytes;
    private TaskCompletionSource? _room;

    /// <summary>Starts the lease of a message just received.</summary>
    public Lease Add(string ackId, int bytes, TimeSpan length)
    {
        var lease = new Lease(ackId, bytes, timeProvider.GetTimestamp(), length);
        lock (_lock)
        {
            _held.Add(lease);
            _bytes += bytes;
        }
        telemetry.Outstanding(subscription, 1, bytes);
        return lease;
    }

    /// <summary>Ends a lease; false when it ended before.</summary>
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

    /// <summary>What is held now.</summary>
    public IReadOnlyList<Lease> Held()
    {
        lock (_lock)
            return [.. _held];
    }

    /// <summary>Completes when less is held than the limits of all streams together.</summary>
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

    /// <summary>Hands the ack ids of leases soon to lapse to <paramref name="extend"/>, for ever.</summary>
    public async Task KeepAsync(Action<string> extend, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var ackId in TakeDue())
                extend(ackId);
        }
    }

    private List<string> TakeDue()
    {
        var now = timeProvider.GetTimestamp();
        var due = new List<string>();
        lock (_lock)
        {
            foreach (var lease in _held)
            {
                if (timeProvider.GetElapsedTime(lease.RunsFrom, now) < lease.Length - ExtendBefore(lease)
                    || timeProvider.GetElapsedTime(lease.ReceivedAt, now) > options.MaxExtension)
                    continue;
                lease.RunsFrom = now;
                lease.Length = options.AckDeadline;
                due.Add(lease.AckId);
            }
        }
        return due;
    }

    /// <summary>A subscription can lease for less than the setting is meant for.</summary>
    private TimeSpan ExtendBefore(Lease lease) => options.ExtendBefore < lease.Length / 2 ? options.ExtendBefore : lease.Length / 2;

    private bool IsFull() =>
        _held.Count >= (long)options.MaxOutstandingMessages * options.Streams || _bytes >= options.MaxOutstandingBytes * options.Streams;
}
