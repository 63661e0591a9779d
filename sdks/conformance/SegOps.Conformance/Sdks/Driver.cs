using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SegOps.Conformance.Sdks;

/// <summary>A process that drives an SDK by the protocol of README.md.</summary>
internal sealed class Driver : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Transcript _transcript;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _awaited = new();
    private readonly ConcurrentQueue<JsonElement> _events = new();
    private readonly ConcurrentQueue<string> _diagnostics = new();
    private readonly Task _output;
    private readonly Task _errors;
    private readonly ConcurrentDictionary<int, bool> _quiet = new();
    private int _lastId;

    private Driver(Process process, Transcript transcript)
    {
        (_process, _transcript) = (process, transcript);
        process.StandardInput.AutoFlush = true;
        _output = ReadAsync(process.StandardOutput, OnOutput);
        _errors = ReadAsync(process.StandardError, OnDiagnostics);
    }

    /// <summary>The unsolicited lines, in their order.</summary>
    public IReadOnlyList<JsonElement> Events => [.. _events];

    /// <summary>All of stderr, and what on stdout is neither a reply nor an event.</summary>
    public IReadOnlyList<string> Diagnostics => [.. _diagnostics];

    public static Driver Start(Sdk sdk, Transcript transcript)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var process = Process.Start(new ProcessStartInfo(sdk.Command, sdk.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        })!;
        return new(process, transcript);
    }

    /// <summary>Sends a command and waits for its reply, which can be a failure.</summary>
    /// <param name="command">The command without its id.</param>
    /// <param name="isQuiet">Leaves it out of the transcript.</param>
    public async Task<JsonElement> CallAsync(JsonObject command, bool isQuiet = false)
    {
        var id = Interlocked.Increment(ref _lastId);
        var reply = _awaited[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        command["id"] = id;
        var line = command.ToJsonString();
        if (isQuiet)
            _quiet[id] = true;
        else
            _transcript.Add("→", line);
        try
        {
            lock (_process)
                _process.StandardInput.Write(line + "\n");
        }
        catch (IOException)
        {
            await _output;
        }

        // An operation has a timeout of its own that can take most of the patience.
        await Task.WhenAny(reply.Task, _output, Task.Delay(2 * Patience.Current));
        if (!reply.Task.IsCompleted)
            throw new ConformanceException($"No reply to {Transcript.Shortened(line)}: {(HasEnded ? "the driver has ended" : "waited in vain")}.");
        return await reply.Task;
    }

    public bool HasEnded => _output.IsCompleted;

    /// <summary>Closes stdin, so that the driver's main function returns.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for the end of the process and of its output.</summary>
    public async Task ExitAsync(TimeSpan patience)
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(), _output, _errors).WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            throw new ConformanceException($"The process did not exit by itself within {patience.TotalSeconds:0} s after the end of its input.");
        }
    }

    /// <summary>Ends the process as SIGKILL does, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> on)
    {
        while (await reader.ReadLineAsync() is { } line)
            on(line);
    }

    private void OnDiagnostics(string line)
    {
        _transcript.Add("!", line);
        _diagnostics.Enqueue(line);
    }

    private void OnOutput(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement.Clone();
            if (!json.TryGetProperty("id", out var id) || !_quiet.ContainsKey(id.GetInt32()))
                _transcript.Add("←", line);
            if (json.TryGetProperty("ev", out _))
                _events.Enqueue(json);
            else if (_awaited.TryRemove(json.GetProperty("id").GetInt32(), out var reply))
                reply.SetResult(json);
            else
                _diagnostics.Enqueue(line);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            _transcript.Add("!", line);
            _diagnostics.Enqueue(line);
        }
    }
}
