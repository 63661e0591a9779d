using SegOps.Gateway.Telemetry;

namespace SegOps.Gateway.Limits;

/// <summary>A sliding window in memory of the calls that this gateway allowed, and the last known figures of the month and of the day.</summary>
internal sealed class LocalWindow(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);
    private readonly Queue<long> _calls = new();
    private readonly Lock _gate = new();
    private (DateTime Began, long Used) _month;
    private (DateTime Began, long Used) _day;

    /// <summary>Records a decision of Redis, from which this window can continue.</summary>
    internal void Note(CallDecision decision, bool counted)
    {
        lock (_gate)
        {
            Slide();
            if (decision.Allowed && counted)
                _calls.Enqueue(clock.GetTimestamp());
            if (decision.Windows.IsDaily)
                _day = (Period(isDaily: true).Began, decision.QuotaUsed);
            else
                _month = (Period(isDaily: false).Began, decision.QuotaUsed);
        }
    }

    /// <summary>Decides while Redis is unavailable, as take_call.lua does. This is the widest window.</summary>
    /// <param name="windows">The limits of the call.</param>
    /// <param name="counts">Whether the call is counted if it is allowed.</param>
    /// <param name="address">The window of the client's address; null if there is none. It is not asked for if this window is full.</param>
    internal CallDecision Take(CallWindows windows, bool counts, Func<LocalWindow>? address)
    {
        lock (_gate)
        {
            var narrower = address is not null && Count(windows.Widest.Limit, counts: false).Allowed ? address() : null;
            var (allowed, left, wait) = narrower?.Count(windows.Narrowest.Limit, counts) ?? Count(windows.Widest.Limit, counts);
            if (narrower is not null && allowed && counts)
                _calls.Enqueue(clock.GetTimestamp());
            var (began, ends) = Period(windows.IsDaily);
            var known = windows.IsDaily ? _day : _month;
            return new CallDecision
            {
                Windows = windows,
                Window = narrower is null ? windows.Widest : windows.Narrowest,
                Allowed = allowed,
                Left = left,
                Wait = wait,
                Source = GatewayTelemetry.Local,
                QuotaUsed = began == known.Began ? known.Used : 0,
                PeriodLength = ends - began,
                UntilReset = ends - clock.GetUtcNow().UtcDateTime,
            };
        }
    }

    private (bool Allowed, int Left, TimeSpan Wait) Count(int limit, bool counts)
    {
        lock (_gate)
        {
            Slide();
            if (_calls.Count >= limit)
                return (false, 0, Length - clock.GetElapsedTime(_calls.ElementAt(_calls.Count - limit)));
            if (counts)
                _calls.Enqueue(clock.GetTimestamp());
            return (true, limit - _calls.Count, _calls.TryPeek(out var first) ? Length - clock.GetElapsedTime(first) : Length);
        }
    }

    private void Slide()
    {
        while (_calls.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) >= Length)
            _calls.Dequeue();
    }

    private (DateTime Began, DateTime Ends) Period(bool isDaily)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var month = new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        return isDaily ? (now.Date, now.Date.AddDays(1)) : (month, month.AddMonths(1));
    }
}
