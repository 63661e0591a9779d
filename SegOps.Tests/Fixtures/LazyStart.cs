namespace SegOps.Tests.Fixtures;

/// <summary>Starts a server when it is first asked for, so that a run of unit tests starts none, and disposes of it if it was.</summary>
internal sealed class LazyStart<T>(Func<Task<T>> start) : IAsyncDisposable where T : IAsyncDisposable
{
    private readonly Lazy<Task<T>> _started = new(start);

    public Task<T> GetAsync() => _started.Value;

    public async ValueTask DisposeAsync()
    {
        if (_started is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _started.Value).DisposeAsync();
    }
}
