using System.Collections.Concurrent;
using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>Tracks running queries by their clients' ids and ends those whose client has disconnected.</summary>
internal sealed partial class RunningQueries(EngineHost engine, TimeProvider clock, ILogger<RunningQueries> logger)
{
    private static readonly TimeSpan KillInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, byte> _ids = new();

    /// <summary>Registers a query until the returned object is disposed. Kills the query if its client disconnects before.</summary>
    /// <exception cref="EngineException">The id is in use.</exception>
    public IAsyncDisposable Enter(string id, CancellationToken clientDisconnected)
    {
        if (!_ids.TryAdd(id, 0))
        {
            throw new EngineException(ErrorCode.QueryWithSameIdIsAlreadyRunning, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
                $"Query with id = {id} is already running.");
        }

        return new Entry(this, id, clientDisconnected);
    }

    private async Task KillAsync(string id, CancellationToken ended)
    {
        LogClientDisconnected();
        var quoted = id.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
        // Repeated, because the query may not have reached the engine yet.
        while (!ended.IsCancellationRequested)
        {
            await engine.RunNowAsync($"KILL QUERY WHERE Settings['log_comment'] = '{quoted}' ASYNC");
            await Task.Delay(KillInterval, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A client disconnected before its query ended. Ending the query.")]
    private partial void LogClientDisconnected();

    private sealed class Entry : IAsyncDisposable
    {
        private readonly RunningQueries _queries;
        private readonly string _id;
        private readonly CancellationTokenSource _ended = new();
        private readonly CancellationTokenRegistration _registration;
        private Task _kill = Task.CompletedTask;

        public Entry(RunningQueries queries, string id, CancellationToken clientDisconnected)
        {
            _queries = queries;
            _id = id;
            _registration = clientDisconnected.Register(() => _kill = queries.KillAsync(id, _ended.Token));
        }

        public async ValueTask DisposeAsync()
        {
            await _registration.DisposeAsync();
            await _ended.CancelAsync();
            await _kill.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ended.Dispose();
            _queries._ids.TryRemove(_id, out _);
        }
    }
}
