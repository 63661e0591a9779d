using System.Diagnostics;
using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;

namespace SegOps.Conformance.RealSystem;

/// <summary>The whole system, as the app host starts it when a test first asks for it.</summary>
public sealed class AppHost : IAsyncDisposable
{
    /// <summary>Names a gateway that runs already, such as http://localhost:8080.</summary>
    private const string GatewayVariable = "SEGOPS_CONFORMANCE_GATEWAY";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(2);

    private readonly Lazy<Task<Uri>> _gateway;
    private readonly Folder _data = new();
    private Process? _process;

    /// <summary>Starts nothing yet.</summary>
    public AppHost() => _gateway = new(StartAsync);

    /// <summary>The gateway's URL.</summary>
    public Task<Uri> GatewayAsync() => _gateway.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            // The app host stops its parts in their order.
            using var signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await _process.WaitForExitAsync().WaitAsync(StopPatience);
        }

        _process?.Dispose();
        _data.Dispose();
    }

    private async Task<Uri> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(GatewayVariable) is { } running)
            return new(running);
        var program = Directory.EnumerateFiles(Path.GetFullPath(Path.Combine(Sdk.Root, "..", "SegOps.AppHost", "bin")), "SegOps.AppHost", SearchOption.AllDirectories)
            .OrderBy(File.GetLastWriteTimeUtc).LastOrDefault() ?? throw new ConformanceException("SegOps.AppHost is not built.");
        var (banner, lines) = (new TaskCompletionSource<Uri>(), new List<string>());
        _process = Process.Start(new ProcessStartInfo(program, ["--port", "0", "--data", _data.Path]) { RedirectStandardOutput = true })!;
        Uri? gateway = null;
        _process.OutputDataReceived += (_, line) =>
        {
            lines.Add(line.Data ?? "");
            if (line.Data?.Contains("  Gateway ", StringComparison.Ordinal) == true)
                gateway = new(line.Data.Split(' ')[^1]);
            if (line.Data?.Contains("Ctrl+C stops everything.", StringComparison.Ordinal) == true && gateway is not null)
                banner.TrySetResult(gateway);
            if (line.Data is null)
                banner.TrySetException(new ConformanceException("The app host has ended:\n" + string.Join('\n', lines)));
        };
        _process.BeginOutputReadLine();
        return await banner.Task.WaitAsync(StartPatience);
    }
}
