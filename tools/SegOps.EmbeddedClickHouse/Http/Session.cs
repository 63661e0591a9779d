using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>A connection that keeps its settings, database and temporary tables between calls. One call at a time may use it.</summary>
internal sealed class Session(Connection connection)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _expires;
    private TimeSpan _timeout;
    private State _state;

    /// <summary>The state of a session, and the result of <see cref="TryEnter"/>.</summary>
    internal enum State
    {
        Free,
        Entered,
        Busy,
        Closed,
    }

    /// <summary>The session's connection, for the call that entered.</summary>
    public Connection Connection => connection;

    /// <summary>Locks the session for a call.</summary>
    public State TryEnter(TimeSpan timeout, TimeProvider clock)
    {
        lock (_lock)
        {
            if (_state is State.Entered)
                return State.Busy;
            if (_state is State.Closed)
                return State.Closed;

            _timeout = timeout;
            _expires = clock.GetUtcNow() + timeout;
            return _state = State.Entered;
        }
    }

    /// <summary>Unlocks the session and restarts its timeout.</summary>
    public void Leave(TimeProvider clock)
    {
        lock (_lock)
        {
            _expires = clock.GetUtcNow() + _timeout;
            _state = State.Free;
        }
    }

    /// <summary>Closes the session unless it is in use or has not expired.</summary>
    public bool TryClose(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_state is State.Closed)
                return true;
            if (_state is State.Entered || now < _expires)
                return false;
            _state = State.Closed;
        }

        connection.Dispose();
        return true;
    }
}
