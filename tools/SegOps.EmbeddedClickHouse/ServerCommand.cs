using System.CommandLine;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.EnginePackage;

namespace SegOps.EmbeddedClickHouse;

/// <summary>The command line. It runs the server or only downloads the engine.</summary>
internal static class ServerCommand
{
    /// <summary>Creates the command. <paramref name="serve"/> runs the server on a port until it is stopped.</summary>
    public static RootCommand Create(Func<EngineOptions, int, Task<int>> serve)
    {
        var path = new Option<string>("--path") { Description = "Directory of the data.", DefaultValueFactory = _ => Path.Combine(".segops", "clickhouse") };
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1. 0: any free port.", DefaultValueFactory = _ => 8123 };
        var memory = new Option<int>("--memory") { Description = "Memory limit of the engine in MiB.", DefaultValueFactory = _ => (int)(EngineOptions.DefaultMemoryBytes >> 20) };
        memory.Validators.Add(result =>
        {
            if (result.GetValue(memory) < 512)
                result.AddError("--memory must be at least 512 (MiB).");
        });
        port.Validators.Add(result =>
        {
            if (result.GetValue(port) is < 0 or > 65_535)
                result.AddError("--port must be from 0 to 65535.");
        });

        var fetch = new Command("fetch", "Downloads the engine into the user's cache and exits.");
        fetch.SetAction((_, cancellationToken) => FetchedAsync(_ => Task.FromResult(0), cancellationToken));
        var root = new RootCommand(
            "ClickHouse for development and tests: the real engine (libchdb) behind ClickHouse's HTTP interface. " +
            $"User and password: CLICKHOUSE_USER, CLICKHOUSE_PASSWORD. {EngineLocator.OverrideVariable} names a libchdb that replaces the pinned one.")
        {
            path, port, memory, fetch,
        };
        root.SetAction((parsed, cancellationToken) => FetchedAsync(
            library => serve(new(library, Path.GetFullPath(parsed.GetValue(path)!), (long)parsed.GetValue(memory) << 20), parsed.GetValue(port)), cancellationToken));
        return root;
    }

    private static async Task<int> FetchedAsync(Func<string, Task<int>> then, CancellationToken cancellationToken)
    {
        try
        {
            return await then(await EngineLocator.LocateAsync(Console.Error, cancellationToken));
        }
        catch (Exception exception) when (exception is EnginePackageException or EngineException or DllNotFoundException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
