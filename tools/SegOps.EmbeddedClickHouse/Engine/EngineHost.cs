using System.Reflection;
using System.Runtime.InteropServices;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>The engine. It starts once per process and stops when the last connection closes.</summary>
internal sealed class EngineHost : IDisposable
{
    private readonly EngineOptions _options;
    private readonly SemaphoreSlim _calls = new(EngineOptions.ConcurrentCalls);
    private readonly Connection _keepAlive;

    /// <summary>Loads the library and starts the engine, which takes about a second.</summary>
    /// <exception cref="EngineException">The engine did not start.</exception>
    public EngineHost(EngineOptions options)
    {
        _options = options;
        Directory.CreateDirectory(options.DataPath);
        var library = NativeLibrary.Load(options.Library);
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == NativeMethods.Library ? library : 0);

        // With the engine's handlers, a NullReferenceException in managed code hangs the process.
        NativeMethods.SetSignalHandlersEnabled(0);
        // Native calls block pool threads. Requests must not wait until the pool has grown.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(workers + 2 * EngineOptions.ConcurrentCalls, ports);

        _keepAlive = Open();
        Timezone = _keepAlive.QueryText("SELECT timezone()");
        Version = _keepAlive.QueryText("SELECT version()");
    }

    /// <summary>The engine's time zone for X-ClickHouse-Timezone.</summary>
    public string Timezone { get; }

    /// <summary>The engine's version of ClickHouse.</summary>
    public string Version { get; }

    /// <summary>Opens a connection, which takes about 0.15 ms.</summary>
    /// <exception cref="EngineException">The engine did not start. Another process may be using the directory.</exception>
    public unsafe Connection Open()
    {
        using var arguments = new NativeTexts(_options.Arguments);
        var handle = NativeMethods.Connect(_options.Arguments.Length, arguments.Pointers);
        return handle.IsInvalid
            ? throw new EngineException(76, "CANNOT_OPEN_FILE", $"The engine did not start on {_options.DataPath}. Another process may be using it.")
            : new(handle);
    }

    /// <summary>Runs a blocking call on another thread. At most <see cref="EngineOptions.ConcurrentCalls"/> run at a time.</summary>
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

    /// <summary>Runs a statement outside the limit of concurrent calls, because a KILL QUERY must not wait for the queries that it ends.</summary>
    public Task RunNowAsync(string sql) => Task.Run(() =>
    {
        using var connection = Open();
        connection.Execute(sql);
    });

    public void Dispose()
    {
        _keepAlive.Dispose();
        _calls.Dispose();
    }
}
