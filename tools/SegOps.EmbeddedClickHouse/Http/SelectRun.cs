using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>A SELECT that is fetched chunk by chunk; between chunks it holds none of the engine's places.</summary>
internal sealed class SelectRun(EngineHost engine, QueryRequest request) : IAsyncDisposable
{
    private QueryScope? _scope;
    private ResultStream? _stream;

    /// <summary>Starts it and waits for the first chunk, so that most errors come before anything is sent.</summary>
    /// <returns>Null for a result without a byte.</returns>
    /// <exception cref="EngineException">The statement was refused or failed.</exception>
    public Task<EngineResult?> StartAsync(Func<QueryScope> open, byte[] sql, CancellationToken cancellationToken) => engine.RunAsync(() =>
    {
        _scope = open();
        _stream = _scope.Connection.StreamQuery(sql, request.DefaultFormat, request.Parameters);
        return _stream.Fetch();
    }, cancellationToken);

    /// <summary>Waits for the next chunk; null after the last.</summary>
    /// <exception cref="EngineException">The statement failed on the way.</exception>
    public Task<EngineResult?> NextAsync(CancellationToken cancellationToken) => engine.RunAsync(_stream!.Fetch, cancellationToken);

    public async ValueTask DisposeAsync() => await Task.Run(() =>
    {
        _stream?.Dispose();
        _scope?.Dispose();
    });
}
