using System.Collections.Concurrent;
using System.Globalization;
using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>Keeps the connections of clients that send a session_id.</summary>
internal sealed class Sessions(EngineHost engine, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Session> _sessions = new();

    /// <summary>Locks the session that a call names. Null if it names none. Blocks while the engine opens a connection.</summary>
    /// <exception cref="EngineException">The session is in use, or session_check is set and it does not exist.</exception>
    public Session? Enter(QueryRequest request)
    {
        if (request.Field("session_id") is not { } id)
            return null;

        var timeout = Timeout(request.Field("session_timeout"));
        if (request.Flag("session_check") && !_sessions.ContainsKey(id))
            throw new EngineException(ErrorCode.SessionNotFound, "SESSION_NOT_FOUND", $"Session {id} not found");

        while (true)
        {
            var session = _sessions.GetOrAdd(id, _ => new Session(engine.Open()));
            var entered = session.TryEnter(timeout, clock);
            if (entered is Session.State.Busy)
                throw new EngineException(ErrorCode.SessionIsLocked, "SESSION_IS_LOCKED", $"Session {id} is locked by a concurrent client");
            if (entered is Session.State.Entered)
                return session;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var (id, session) in _sessions)
            {
                if (session.TryClose(clock.GetUtcNow()))
                    _sessions.TryRemove(KeyValuePair.Create(id, session));
            }
        }
    }

    public override void Dispose()
    {
        foreach (var session in _sessions.Values)
            session.TryClose(DateTimeOffset.MaxValue);
        base.Dispose();
    }

    private static TimeSpan Timeout(string? seconds)
    {
        if (seconds is null)
            return DefaultTimeout;
        if (!uint.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > MaxTimeout.TotalSeconds)
            throw new EngineException(ErrorCode.InvalidSessionTimeout, "INVALID_SESSION_TIMEOUT", $"Invalid session timeout: '{seconds}'");
        return TimeSpan.FromSeconds(value);
    }
}
