using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>A SELECT that is fetched in chunks. Between chunks it does not count as a concurrent call of the engine.</summary>
internal sealed class SelectRun(EngineHost engine, QueryRequest request) : IAsyncDisposable
{
    private QueryScope? _scope;
    private ResultStream? _stream;

    /// <summary>Starts the SELECT and waits for the first chunk, so that most errors occur before the answer starts.</summary>
    /// <returns>The first chunk. Null if the result is empty.</returns>
    /// <exception cref="EngineException">The statement was refused or failed.</exception>
    public Task<EngineResult?> StartAsync(Func<QueryScope> open, byte[] sql, CancellationToken cancellationToken) => engine.RunAsync(() =>
    {
        _scope = open();
        _stream = _scope.Connection.StreamQuery(sql, request.DefaultFormat, request.Parameters);
        return _stream.Fetch();
    }, cancellationToken);

    /// <summary>Waits for the next chunk. Null after the last.</summary>
    /// <exception cref="EngineException">The statement failed while running.</exception>
    public Task<EngineResult?> NextAsync(CancellationToken cancellationToken) => engine.RunAsync(_stream!.Fetch, cancellationToken);

    public async ValueTask DisposeAsync() => await Task.Run(() =>
    {
        _stream?.Dispose();
        _scope?.Dispose();
    });
}
