using System.Diagnostics;

namespace SegOps.Conformance.Reference;

/// <summary>What to send next and when, by the last answers: rules 10 to 17.</summary>
internal sealed class ReferenceDelivery(ReferenceOptions options, Fault faults, ReferenceWire wire, ReferenceAccount account)
{
    private const int MostEvents = 500;
    private const int MostBadRequests = 3;

    private readonly Random _random = new();
    private int _mostEvents = MostEvents;
    private int _mostBytes = options.MaxBatchBytes;
    private long _bytesLimitedAt;
    private int _failures;
    private int _badRequests;
    private int _probes;
    private long _pausedAt;
    private TimeSpan _pause;
    private string? _hold;
    private int? _quota;

    /// <summary>How long nothing may be sent.</summary>
    public TimeSpan Pause => _pause - Stopwatch.GetElapsedTime(_pausedAt) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;

    /// <summary>The next batch of what waits.</summary>
    public List<ReferenceEvent> Take(List<ReferenceEvent> waiting)
    {
        if (Stopwatch.GetElapsedTime(_bytesLimitedAt) > options.ByteLimit)
            _mostBytes = options.MaxBatchBytes;
        if (faults.HasFlag(Fault.LastInFirstOut))
            waiting.Reverse();
        if (_hold is not null && _quota is null)
            waiting = faults.HasFlag(Fault.ProbesWithAll) ? waiting : [waiting[_probes++ % waiting.Count]];
        var most = Math.Min(_quota ?? _mostEvents, faults.HasFlag(Fault.SmallBatches) ? 100 : MostEvents);
        var (batch, bytes) = (new List<ReferenceEvent>(), 64);
        foreach (var each in waiting.Take(most))
        {
            if ((bytes += each.Bytes.Length + 1) > _mostBytes && batch.Count > 0 && !faults.HasFlag(Fault.IgnoresBytes))
                break;
            batch.Add(each);
            each.WasSent = true;
        }

        return batch;
    }

    /// <summary>Drops an event that is too old.</summary>
    public bool Expire(ReferenceEvent each)
    {
        account.Drop(each, "expired", "The event could not be sent in time.");
        return true;
    }

    /// <returns>The events that are decided.</returns>
    public IReadOnlyCollection<ReferenceEvent> Apply(List<ReferenceEvent> batch, ReferenceAnswer? answer)
    {
        if (faults.HasFlag(Fault.ChangesEvents))
            batch.ForEach(each => each.Bytes = [.. each.Bytes[..^1], (byte)' ', each.Bytes[^1]]);
        if (faults.HasFlag(Fault.ChangesIds))
            batch.ForEach(each => System.Text.Encoding.ASCII.GetBytes(Guid.CreateVersion7().ToString(), each.Bytes.AsSpan("{\"event_id\":\"".Length)));
        _badRequests = answer?.Code == "bad_request" ? _badRequests + 1 : 0;
        switch (answer)
        {
            case not null when faults.HasFlag(Fault.BelievesAnyAnswer) && answer.Status < 400:
            case { Status: 202 } when IsOf(batch, answer):
                return Succeed(batch, answer);
            case { Status: 400, Code: "validation_failed" } when faults.HasFlag(Fault.DropsWholeBatch):
                batch.ForEach(each => account.Drop(each, "rejected", "rejected", answer));
                return batch;
            case { Status: 400, Code: "validation_failed" } when Rejected(batch, answer) is [_, ..] rejected:
                return rejected;
            case { Status: 400, Code: "bad_request" } when _badRequests <= MostBadRequests:
            case null or { Status: 408 or >= 500 or (>= 200 and < 300) }:
                Retry(answer?.RetryAfter);
                return [];
            case { Status: 429, Code: "quota_exceeded" }:
                HoldForQuota(answer);
                return [];
            case { Status: 429 }:
                Retry(answer.RetryAfter);
                return [];
            case { Status: 401 or 403 or 404 or 405 or (>= 300 and < 400) }:
                Hold("configuration", answer, options.ConfigurationProbe);
                return [];
            case { Status: 415 } when !wire.IsPlain:
                ReferenceWire.SendPlain();
                return [];
            default:
                return Halve(batch, answer);
        }
    }

    private static bool IsOf(List<ReferenceEvent> batch, ReferenceAnswer answer) =>
        answer.Number("accepted") + answer.Number("rejected") == batch.Count
        && answer.Number("accepted") >= 0 && answer.Entries("errors").Count == answer.Number("rejected");

    private List<ReferenceEvent> Succeed(List<ReferenceEvent> batch, ReferenceAnswer answer)
    {
        var rejected = Rejected(batch, answer);
        account.Accepted += batch.Count - rejected.Count;
        foreach (var warning in answer.Entries("warnings"))
        {
            var index = warning.GetProperty("index").GetInt32();
            account.Warn(
                index >= 0 && index < batch.Count ? batch[index].Id : null, warning.GetProperty("field").GetString()!,
                warning.GetProperty("code").GetString()!, warning.GetProperty("message").GetString()!);
        }

        _failures = 0;
        _mostEvents = Math.Min(MostEvents, _mostEvents * 2);
        if (_quota is null)
        {
            _hold = null;
            Wait(faults.HasFlag(Fault.IgnoresRateLimit) ? TimeSpan.Zero : answer.Exhausted ?? TimeSpan.Zero);
        }
        else
        {
            // What remained of the quota is used up.
            _quota = null;
            Wait(Jittered(options.QuotaProbe));
        }

        return batch;
    }

    private List<ReferenceEvent> Rejected(List<ReferenceEvent> batch, ReferenceAnswer answer)
    {
        var rejected = new List<ReferenceEvent>();
        foreach (var error in faults.HasFlag(Fault.IgnoresErrors) ? [] : answer.Entries("errors"))
        {
            if (error.GetProperty("index").GetInt32() is var index && (index < 0 || index >= batch.Count))
                continue;
            rejected.Add(batch[index]);
            account.Drop(batch[index], "rejected", "", answer, error);
        }

        return rejected;
    }

    private List<ReferenceEvent> Halve(List<ReferenceEvent> batch, ReferenceAnswer answer)
    {
        Retry(answer.RetryAfter);
        if (batch is [_] || faults.HasFlag(Fault.NeverSplits))
        {
            batch.ForEach(each => account.Drop(each, answer.Status == 413 ? "too_large" : "rejected", "The server refuses the event.", answer));
            return batch;
        }

        if (answer.Status == 413)
            (_mostBytes, _bytesLimitedAt) = (batch.Sum(each => each.Bytes.Length) / 2, Stopwatch.GetTimestamp());
        else
            _mostEvents = batch.Count / 2;
        return [];
    }

    private void HoldForQuota(ReferenceAnswer answer)
    {
        var isNew = _hold is null;
        Hold("quota", answer, options.QuotaProbe);
        if (isNew && answer.Number("remaining") is > 0 and var remaining)
        {
            _quota = remaining;
            Wait(TimeSpan.Zero);
        }
    }

    private void Hold(string kind, ReferenceAnswer answer, TimeSpan interval)
    {
        if (_hold is null || faults.HasFlag(Fault.ReportsEachProbe))
            account.Error(kind, answer, "Events are held back.");
        _hold = kind;
        Wait(Jittered(interval));
    }

    private TimeSpan Jittered(TimeSpan interval) => interval * (0.8 + (_random.NextDouble() * 0.4));

    private void Retry(TimeSpan? retryAfter)
    {
        var longest = Math.Min(options.BackoffMax.TotalMilliseconds, options.BackoffBase.TotalMilliseconds * Math.Pow(2, _failures++));
        var part = faults.HasFlag(Fault.NoBackoff) ? 0 : faults.HasFlag(Fault.NoJitter) ? 1 : 0.5 + (_random.NextDouble() / 2);
        var wait = TimeSpan.FromMilliseconds(longest * part);
        Wait(retryAfter > wait && !faults.HasFlag(Fault.IgnoresRetryAfter) ? retryAfter.Value : wait);
    }

    private void Wait(TimeSpan pause) => (_pause, _pausedAt) = (pause, Stopwatch.GetTimestamp());
}
