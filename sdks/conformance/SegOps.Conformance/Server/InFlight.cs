namespace SegOps.Conformance.Server;

/// <summary>Watches that a client, known by its key, never has two requests in flight.</summary>
internal sealed class InFlight
{
    /// <summary>The server can see a new request before it sees that the client has closed the connection of the last one.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, TaskCompletionSource<bool>> _current = [];
    private readonly List<string> _faults = [];

    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_current)
                return [.. _faults];
        }
    }

    /// <summary>A request of the client begins. The returned turn has to be ended.</summary>
    public async Task<Turn> BeginAsync(string client)
    {
        Task<bool>? before;
        lock (_current)
            before = _current.GetValueOrDefault(client)?.Task;
        var overlaps = before is not null && (await Task.WhenAny(before, Task.Delay(Grace)) != before || await before);
        var turn = new TaskCompletionSource<bool>();
        lock (_current)
        {
            if (overlaps)
                _faults.Add("Two requests were in flight at once.");
            _current[client] = turn;
        }

        return new(this, client, turn);
    }

    /// <summary>A request in flight.</summary>
    internal sealed class Turn(InFlight all, string client, TaskCompletionSource<bool> ended)
    {
        /// <param name="isAnswered">Whether the server has answered, and not the client closed the connection.</param>
        public void End(bool isAnswered)
        {
            lock (all._current)
            {
                if (all._current.GetValueOrDefault(client) == ended)
                    all._current.Remove(client);
            }

            ended.TrySetResult(isAnswered);
        }
    }
}
