namespace SegOps.Ingestor.Health;

/// <summary>What the worker is doing.</summary>
internal enum IngestorPhase
{
    /// <summary>Waiting for ClickHouse, or bringing its schema up to date.</summary>
    Starting,

    /// <summary>Messages are taken and stored.</summary>
    Running,

    /// <summary>Shut down in good order.</summary>
    Stopped,

    /// <summary>Broken off by a fault; only a restart helps.</summary>
    Faulted,
}

/// <summary>A state at one moment.</summary>
/// <param name="Phase">What the worker is doing.</param>
/// <param name="Reason">Why it does not store messages at the moment; null when it does.</param>
/// <param name="Since">Since when.</param>
internal sealed record IngestorStatus(IngestorPhase Phase, string? Reason, DateTimeOffset Since);

/// <summary>The worker's state, as it tells itself.</summary>
internal sealed class IngestorState(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IngestorStatus> _retrying = [];
    private IngestorStatus _status = new(IngestorPhase.Starting, "Starting.", time.GetUtcNow());

    /// <summary>The state now: the longest-lasting trouble when there is any.</summary>
    public IngestorStatus Current
    {
        get
        {
            lock (_gate)
                return _status.Phase == IngestorPhase.Running && _retrying.Count > 0 ? _retrying.Values.MinBy(trouble => trouble.Since)! : _status;
        }
    }

    /// <summary>Not ready yet because of <paramref name="reason"/>.</summary>
    public void Waiting(string reason) => Set(IngestorPhase.Starting, reason);

    /// <summary>The schema is up to date and messages are taken.</summary>
    public void Running() => Set(IngestorPhase.Running, reason: null);

    /// <summary>Shut down.</summary>
    public void Stopped() => Set(IngestorPhase.Stopped, "The worker has stopped.");

    /// <summary>Broken off because of <paramref name="reason"/>.</summary>
    public void Faulted(string reason) => Set(IngestorPhase.Faulted, reason);

    /// <summary>Inserts into <paramref name="table"/> fail and are tried again; keeps the time of the first failure.</summary>
    public void Retrying(string table, string reason)
    {
        lock (_gate)
        {
            var since = _retrying.TryGetValue(table, out var known) ? known.Since : time.GetUtcNow();
            _retrying[table] = new IngestorStatus(IngestorPhase.Running, $"Inserts into {table} are tried again: {reason}.", since);
        }
    }

    /// <summary>An insert into <paramref name="table"/> went through.</summary>
    public void Recovered(string table)
    {
        lock (_gate)
            _retrying.Remove(table);
    }

    private void Set(IngestorPhase phase, string? reason)
    {
        lock (_gate)
        {
            var since = _status.Phase == phase ? _status.Since : time.GetUtcNow();
            _status = new IngestorStatus(phase, reason, since);
        }
    }
}
