using System.Reflection;
using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>The engine: booted once per process, and shut down when the last connection closes.</summary>
internal sealed class EngineHost : IDisposable
{
    private readonly EngineOptions _options;
    private readonly SemaphoreSlim _calls = new(EngineOptions.ConcurrentCalls);
    private readonly Connection _keeper;

    /// <summary>Loads the library and boots the engine, which takes about a second.</summary>
    /// <exception cref="EngineException">The engine did not start.</exception>
    public EngineHost(EngineOptions options)
    {
        _options = options;
        Directory.CreateDirectory(options.DataPath);
        var library = NativeLibrary.Load(options.Library);
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == NativeMethods.Library ? library : 0);

        // The engine's handlers would turn the first managed null reference into a hang.
        NativeMethods.SetSignalHandlersEnabled(0);
        // Native calls block pool threads: without spare ones, requests would wait for the pool to grow.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(workers + 2 * EngineOptions.ConcurrentCalls, ports);

        _keeper = Open();
        Timezone = _keeper.Ask("SELECT timezone()");
        Version = _keeper.Ask("SELECT version()");
    }

    /// <summary>The engine's time zone, for X-ClickHouse-Timezone.</summary>
    public string Timezone { get; }

    /// <summary>The version of ClickHouse that the engine is.</summary>
    public string Version { get; }

    /// <summary>Opens a connection, which takes about 0.15 ms.</summary>
    /// <exception cref="EngineException">The engine did not start, for instance because another process uses the directory.</exception>
    public unsafe Connection Open()
    {
        using var arguments = new NativeTexts(_options.Arguments);
        var handle = NativeMethods.Connect(_options.Arguments.Length, arguments.Pointers);
        return handle.IsInvalid
            ? throw new EngineException(76, "CANNOT_OPEN_FILE", $"The engine did not start on {_options.DataPath}: is another process using it?")
            : new(handle);
    }

    /// <summary>Runs a blocking call away from the request's thread, when one of the places is free.</summary>
    public async Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken = default)
    {
        await _calls.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(call, CancellationToken.None);
        }
        finally
        {
            _calls.Release();
        }
    }

    /// <summary>Runs a statement at once, even when all places are taken: what ends other queries must not wait for them.</summary>
    public Task RunNowAsync(string sql) => Task.Run(() =>
    {
        using var connection = Open();
        connection.Execute(sql);
    });

    public void Dispose()
    {
        _keeper.Dispose();
        _calls.Dispose();
    }
}
