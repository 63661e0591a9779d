namespace SegOps.Client.Queueing;

/// <summary>
/// The events whose fate is not decided, in the order in which they were tracked. An event leaves only by <see cref="Decide"/>. All members
/// can be called from any thread.
/// </summary>
internal sealed class EventQueue(SegOpsOptions options, Clock clock, Reporter reporter)
{
    private readonly object _lock = new();
    private readonly LinkedList<QueuedEvent> _events = new();
    private readonly List<FlushWaiter> _waiters = [];
    private readonly Tally _tally = new();
    private HashSet<QueuedEvent> _inFlight = [];
    private long _bytes;
    private long _lastSequence;
    private long _wantedUpTo;
    private bool _closed;

    /// <summary>Set when there may be something to send, or when nothing more will come.</summary>
    public Signal Changed { get; } = new();

    /// <summary>Takes an event, or drops it because the client is closed or the queue is full. The newest is refused, never an older one.</summary>
    public void Add(QueuedEvent queued)
    {
        DropReason reason;
        lock (_lock)
        {
            if (!_closed && _events.Count < options.MaxQueueEvents && _bytes + queued.Json.Length <= options.MaxQueueBytes)
            {
                _tally.Tracked++;
                Append(queued);
                return;
            }

            reason = _closed ? DropReason.Closed : DropReason.QueueFull;
        }

        Refuse(new EventDrop { EventId = queued.Id, EventType = queued.Type, Reason = reason });
    }

    /// <summary>Counts and reports an event that never was in the queue.</summary>
    public void Refuse(EventDrop drop)
    {
        lock (_lock)
        {
            _tally.Tracked++;
            _tally.Count(Fate.Dropped, drop.Reason);
        }

        reporter.Dropped(drop);
    }

    /// <summary>When the next batch should go, if nothing but the queue had a say. Null if the queue is empty.</summary>
    public TimeSpan? DueAt()
    {
        lock (_lock)
        {
            if (_events.First is not { Value: var oldest })
            {
                return null;
            }

            if (_closed || _events.Count >= options.FlushAt || _bytes >= options.MaxBatchBytes || oldest.TrackedAt + options.FlushInterval <= clock.Now)
            {
                _wantedUpTo = _lastSequence;
            }

            return oldest.Sequence <= _wantedUpTo ? TimeSpan.Zero : oldest.TrackedAt + options.FlushInterval;
        }
    }

    /// <summary>
    /// Marks the oldest events as in flight, beginning behind the first <paramref name="skip"/>: at least one, if there is one.
    /// <paramref name="maxBytes"/> counts the events and a comma for each.
    /// </summary>
    public List<QueuedEvent> Take(int skip, int maxEvents, int maxBytes)
    {
        lock (_lock)
        {
            var batch = new List<QueuedEvent>(Math.Min(maxEvents, _events.Count));
            var bytes = 0L;
            foreach (var queued in _events.Skip(_events.Count == 0 ? 0 : skip % _events.Count))
            {
                bytes += queued.Json.Length + 1;
                if (batch.Count == maxEvents || (batch.Count > 0 && bytes > maxBytes))
                {
                    break;
                }

                batch.Add(queued);
            }

            _inFlight = [.. batch];
            return batch;
        }
    }

    /// <summary>Ends the flight of the batch: events that were not decided are queued again, in their old places.</summary>
    public void Return()
    {
        lock (_lock)
        {
            _inFlight.Clear();
        }
    }

    /// <summary>Takes an event out of the queue, for good.</summary>
    /// <returns>False if its fate was decided before, for example by a shutdown that did not wait for the answer.</returns>
    public bool Decide(QueuedEvent queued, Fate fate, DropReason reason = default)
    {
        lock (_lock)
        {
            if (queued.Place is null)
            {
                return false;
            }

            _events.Remove(queued.Place);
            queued.Place = null;
            _inFlight.Remove(queued);
            _bytes -= queued.Json.Length;
            _tally.Count(fate, reason);
            foreach (var waiter in _waiters)
            {
                waiter.Count(queued, fate);
                waiter.CompleteIfDecided();
            }

            return true;
        }
    }

    /// <summary>Takes an event out of the queue and reports it.</summary>
    public void Drop(QueuedEvent queued, DropReason reason, int? status = null, string? code = null, string? field = null, string? message = null)
    {
        if (Decide(queued, reason == DropReason.Rejected ? Fate.Rejected : Fate.Dropped, reason))
        {
            reporter.Dropped(new EventDrop
            {
                EventId = queued.Id,
                EventType = queued.Type,
                Reason = reason,
                Status = status,
                Code = code,
                Field = field,
                Message = message,
            });
        }
    }

    /// <summary>Drops the events that have been tried for too long.</summary>
    /// <returns>When the next one expires. Null if the queue is empty.</returns>
    public TimeSpan? Expire()
    {
        while (Oldest() is { } oldest)
        {
            var end = oldest.TrackedAt + options.MaxEventAge;
            if (end > clock.Now)
            {
                return end;
            }

            Drop(oldest, DropReason.Expired);
        }

        return null;
    }

    /// <summary>Drops everything that is left at the end of a shutdown.</summary>
    public void DropAll()
    {
        while (Oldest() is { } oldest)
        {
            Drop(oldest, DropReason.Shutdown);
        }
    }

    /// <summary>Asks for everything that is queued to be sent now, and counts what becomes of it.</summary>
    /// <param name="close">Whether the queue takes no further events.</param>
    public FlushWaiter Flush(bool close = false)
    {
        lock (_lock)
        {
            _closed |= close;
            _wantedUpTo = _lastSequence;
            var waiter = new FlushWaiter(_lastSequence, _events.Count);
            waiter.CompleteIfDecided();
            _waiters.Add(waiter);
            Changed.Set();
            return waiter;
        }
    }

    /// <summary>Stops counting for a flush.</summary>
    public FlushResult End(FlushWaiter waiter)
    {
        lock (_lock)
        {
            _waiters.Remove(waiter);
            return waiter.Result();
        }
    }

    public SegOpsStats Stats()
    {
        lock (_lock)
        {
            return _tally.Read(_inFlight.Count, _events.Count, _bytes);
        }
    }

    private void Append(QueuedEvent queued)
    {
        queued.Sequence = ++_lastSequence;
        queued.TrackedAt = clock.Now;
        queued.Place = _events.AddLast(queued);
        var bytesBefore = _bytes;
        _bytes += queued.Json.Length;

        // The sender sees for itself what comes after these moments.
        if (_events.Count == 1
            || _events.Count == options.FlushAt
            || (bytesBefore < options.MaxBatchBytes && _bytes >= options.MaxBatchBytes))
        {
            Changed.Set();
        }
    }

    private QueuedEvent? Oldest()
    {
        lock (_lock)
        {
            return _events.First?.Value;
        }
    }
}
