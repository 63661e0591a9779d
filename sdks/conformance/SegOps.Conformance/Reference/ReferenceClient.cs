using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace SegOps.Conformance.Reference;

/// <summary>
/// A small client that keeps the rules, to test the runner by. It favours short code over speed. One task sends; <see cref="_lock"/> guards the rest.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "It lives as long as its process.")]
internal sealed class ReferenceClient
{
    private readonly Lock _lock = new();
    private readonly ReferenceOptions _options;
    private readonly Fault _faults;
    private readonly ReferenceAccount _account;
    private readonly ReferenceWire _wire;
    private readonly ReferenceDelivery _delivery;
    private readonly List<ReferenceEvent> _queue = [];
    private readonly HashSet<ReferenceEvent> _inFlight = [];
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ReferenceDisk? _disk;
    private readonly Task _sending;
    private TaskCompletionSource _changed = new();
    private Task<JsonObject>? _shutdown;
    private long _lastSequence;
    private long _bytes;
    private long _flushTo;
    private int _flushes;

    public ReferenceClient(string name, ReferenceOptions options, Action<JsonObject> print, Fault faults)
    {
        (_options, _faults, _account) = (options, faults, new(name, print, faults));
        _wire = new(options, faults);
        _delivery = new(options, faults, _wire, _account);
        if (options.PersistenceDirectory is { } directory)
            _disk = new(directory, faults, message => _account.Error("storage", null, message));
        foreach (var orphan in _disk?.Orphans ?? [])
        {
            _account.Tracked++;
            Enqueue(orphan);
        }

        _sending = Task.WhenAll(Enumerable.Range(0, faults.HasFlag(Fault.TwoAtOnce) ? 2 : 1).Select(_ => Task.Run(SendAsync)));
        _account.Log("The client has started.");
    }

    /// <returns>The event's id; null if it was refused.</returns>
    public string? Track(JsonObject sent)
    {
        var (made, reason, message) = ReferenceEvent.Make(sent, _faults);
        if (!_options.Enabled)
            return made.Id;
        while (_faults.HasFlag(Fault.BlocksWhenFull) && _queue.Count >= _options.MaxQueueEvents)
            Thread.Sleep(10);
        lock (_lock)
        {
            _account.Tracked++;
            if (reason is null && _shutdown is not null && !_faults.HasFlag(Fault.TracksAfterShutdown))
                (reason, message) = ("closed", "The client is shut down.");
            else if (reason is null && (_queue.Count >= _options.MaxQueueEvents || _bytes + made.Bytes.Length > _options.MaxQueueBytes))
                (reason, message) = ("queue_full", "The queue is full.");
            if (reason is not null)
            {
                var refused = reason is "queue_full" && _faults.HasFlag(Fault.EvictsOldest) ? _queue[0] : made;
                _account.Drop(refused, reason, message!);
                if (refused == made)
                    return reason is "closed" ? null : made.Id;
                _queue.Remove(refused);
                _bytes -= refused.Bytes.Length;
            }

            if (_faults.HasFlag(Fault.LosesEvents) && _account.Tracked % 1000 == 0)
                return made.Id;

            Enqueue(made);
            _disk?.Add(made);
        }

        if (_faults.HasFlag(Fault.PrintsEvents))
            Console.Error.WriteLine(Encoding.UTF8.GetString(made.Bytes));
        _wake.Release();
        return made.Id;
    }

    private void Enqueue(ReferenceEvent each)
    {
        each.Sequence = ++_lastSequence;
        _bytes += each.Bytes.Length;
        _queue.Add(each);
    }

    public async Task<JsonObject> FlushAsync(TimeSpan timeout)
    {
        var began = Stopwatch.GetTimestamp();
        long before, to;
        (long Accepted, long Rejected, long Dropped) counts;
        lock (_lock)
        {
            (to, counts) = (_lastSequence, (_account.Accepted, _account.Rejected, _account.Dropped));
            (_flushTo, before) = (Math.Max(_flushTo, to), _flushes++);
        }

        _wake.Release();
        await WaitAsync(() => _faults.HasFlag(Fault.FlushesNothing) || _queue.Count == 0 || _queue[0].Sequence > to, timeout);
        lock (_lock)
        {
            if (--_flushes == 0 && !_faults.HasFlag(Fault.FlushesNothing))
                _flushTo = 0;
            return Outcome(began, counts, _queue.Count(each => each.Sequence <= to));
        }
    }

    public Task<JsonObject> ShutdownAsync(TimeSpan deadline)
    {
        lock (_lock)
            return _shutdown ??= Task.Run(() => DrainAsync(deadline));
    }

    public JsonObject Stats()
    {
        lock (_lock)
        {
            return new()
            {
                ["tracked"] = _account.Tracked - (_faults.HasFlag(Fault.WrongStats) ? 1 : 0),
                ["accepted"] = _account.Accepted,
                ["rejected"] = _account.Rejected,
                ["dropped"] = _account.Dropped,
                ["queued"] = _queue.Count - _inFlight.Count,
                ["in_flight"] = _inFlight.Count,
                ["drops"] = _account.Drops,
            };
        }
    }

    private async Task<JsonObject> DrainAsync(TimeSpan deadline)
    {
        var (began, counts) = (Stopwatch.GetTimestamp(), (_account.Accepted, _account.Rejected, _account.Dropped));
        _wake.Release();
        if (_faults.HasFlag(Fault.ShutdownWaits))
            await WaitAsync(() => _queue.Count == 0, deadline + TimeSpan.FromSeconds(20));
        else if (!_faults.HasFlag(Fault.ShutdownDropsAll))
            await WaitAsync(() => _queue.Count == 0 || _delivery.Pause > deadline - Stopwatch.GetElapsedTime(began), deadline);
        await _stop.CancelAsync();
        await _sending;
        lock (_lock)
        {
            foreach (var each in _disk is null ? _queue : [])
                _account.Drop(each, "shutdown", "The client was shut down before the event could be sent.");
            if (_disk is null)
                _queue.Clear();
            Changed();
            return Outcome(began, counts, _queue.Count);
        }
    }

    private async Task SendAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (Next(out var wait) is not { } batch)
                {
                    await _wake.WaitAsync(wait, _stop.Token);
                    continue;
                }

                var answer = await _wire.SendAsync(batch, _stop.Token);
                lock (_lock)
                    Remove(_delivery.Apply(batch, answer));
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                lock (_lock)
                    _inFlight.Clear();
            }
            catch (InvalidOperationException) when (!_faults.HasFlag(Fault.DiesOfCallbacks))
            {
                lock (_lock)
                    Remove(_delivery.Apply([.. _inFlight], null));
            }
        }
    }

    /// <summary>Takes the next batch, or says how long there is none.</summary>
    private List<ReferenceEvent>? Next(out TimeSpan wait)
    {
        lock (_lock)
        {
            Remove([.. _queue.Where(each => each.Age > _options.MaxEventAge && !_faults.HasFlag(Fault.NeverExpires) && _delivery.Expire(each))]);
            wait = TimeSpan.FromSeconds(10);
            if (!_queue.Except(_inFlight).Any())
                return null;
            wait = _delivery.Pause is { Ticks: > 0 } pause && !EndsPause ? pause : Due();
            if (_queue[0].Age is var age && _options.MaxEventAge - age is { Ticks: > 0 } rest && rest < wait)
                wait = rest;
            if (wait > TimeSpan.Zero)
            {
                wait = Min(wait, TimeSpan.FromHours(1));
                return null;
            }

            var batch = _delivery.Take(_queue.Except(_inFlight).ToList());
            _inFlight.UnionWith(batch);
            if (_faults.HasFlag(Fault.ForgetsBeforeAnswer))
                _disk?.Decide(batch);
            return batch;
        }
    }

    private bool EndsPause => _flushes > 0 && _faults.HasFlag(Fault.FlushEndsPause);

    /// <summary>How long no trigger is due; zero if one is.</summary>
    private TimeSpan Due()
    {
        var begins = _faults.HasFlag(Fault.Debounces) ? _queue[^1] : _queue[0];
        var isDue = _queue[0].WasSent || _queue[0].Sequence <= _flushTo || _shutdown is not null
            || (_queue.Count >= _options.FlushAt && !_faults.HasFlag(Fault.IgnoresCount));
        return isDue ? TimeSpan.Zero : _options.FlushInterval - begins.Age is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;
    }

    private void Remove(IReadOnlyCollection<ReferenceEvent> decided)
    {
        var gone = decided.ToHashSet();
        _queue.RemoveAll(gone.Contains);
        _disk?.Decide(gone);
        _bytes -= gone.Sum(each => each.Bytes.Length);
        _inFlight.Clear();
        Changed();
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task WaitAsync(Func<bool> condition, TimeSpan timeout)
    {
        var began = Stopwatch.GetTimestamp();
        for (; ; )
        {
            Task changed;
            lock (_lock)
            {
                if (condition())
                    return;
                changed = _changed.Task;
            }

            var rest = timeout - Stopwatch.GetElapsedTime(began);
            if (rest <= TimeSpan.Zero || await Task.WhenAny(changed, Task.Delay(rest)) != changed)
                return;
        }
    }

    private JsonObject Outcome(long began, (long Accepted, long Rejected, long Dropped) before, int remaining) => new()
    {
        ["accepted"] = _account.Accepted - before.Accepted,
        ["rejected"] = _account.Rejected - before.Rejected,
        ["dropped"] = _account.Dropped - before.Dropped,
        ["remaining"] = remaining,
        ["elapsed_ms"] = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds,
    };

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
