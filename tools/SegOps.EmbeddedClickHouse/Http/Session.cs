using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>A connection that keeps its settings, database and temporary tables from call to call; one call at a time.</summary>
internal sealed class Session(Connection connection)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _expires;
    private TimeSpan _timeout;
    private State _state;

    /// <summary>What an attempt to enter came to.</summary>
    internal enum State
    {
        Free,
        Entered,
        Busy,
        Closed,
    }

    /// <summary>The session's connection, for whoever entered.</summary>
    public Connection Connection => connection;

    /// <summary>Takes the session for one call.</summary>
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

    /// <summary>Gives the session back; its timeout begins anew.</summary>
    public void Leave(TimeProvider clock)
    {
        lock (_lock)
        {
            _expires = clock.GetUtcNow() + _timeout;
            _state = State.Free;
        }
    }

    /// <summary>Closes the session unless it is in use or still to be kept.</summary>
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
