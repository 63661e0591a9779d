namespace SegOps.Client.Reporting;

/// <summary>Lets one line of each kind through a minute. Used by one thread at a time.</summary>
internal sealed class LogThrottle(Clock clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (TimeSpan Last, long Omitted)> _kinds = [];

    /// <summary>Whether a line may be written now, and how many of its kind were left out since the last one.</summary>
    public bool Allows(string kind, out long omitted)
    {
        var known = _kinds.TryGetValue(kind, out var state);
        omitted = state.Omitted;
        if (known && clock.Now - state.Last < Pause)
        {
            _kinds[kind] = (state.Last, state.Omitted + 1);
            return false;
        }

        _kinds[kind] = (clock.Now, 0);
        return true;
    }
}
