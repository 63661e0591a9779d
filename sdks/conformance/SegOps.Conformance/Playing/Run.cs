using System.Text.Json;
using System.Text.Json.Nodes;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Playing;

/// <summary>A scenario that is being played: the server, the driver's process and its clients.</summary>
internal sealed class Run : IAsyncDisposable
{
    private readonly Sdk _sdk;
    private readonly List<Driver> _drivers = [];
    private readonly List<Client> _clients = [];
    private readonly List<string> _accountFaults = [];
    private readonly List<Task> _watches = [];
    private readonly CancellationTokenSource _watched = new();

    private Run(Sdk sdk) => _sdk = sdk;

    public FakeServer Server { get; } = new();

    public Transcript Transcript { get; } = new();

    /// <summary>The clients of all processes.</summary>
    public IReadOnlyList<Client> Clients => _clients;

    public IReadOnlyList<Driver> Drivers => _drivers;

    /// <summary>The process that runs.</summary>
    public Driver Driver => _drivers[^1];

    /// <summary>Set by a scenario whose clients also send what another process left on the disk.</summary>
    public bool AdoptsOrphans { get; set; }

    /// <summary>How long the process may take to exit at the end of its input. One with a request in flight may wait for its timeout.</summary>
    public TimeSpan ExitPatience { get; set; } = Patience.Current / 2;

    public IReadOnlyList<string> Capabilities { get; private set; } = [];

    /// <summary>What the SDK calls itself, such as <c>go/0.1.0</c>.</summary>
    public string SdkVersion { get; private set; } = "";

    /// <summary>Plays the scenario and checks the invariants after it.</summary>
    public static async Task PlayAsync(Sdk sdk, Scenario scenario)
    {
        await using var run = new Run(sdk);
        try
        {
            run.Start();
            await scenario.Play(run);
            await run.EndAsync();
            if (Invariants.Faults(run) is [_, ..] faults)
                throw new ConformanceException(string.Join('\n', faults.Distinct().Take(20)));
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.SkipException)
        {
            throw new ConformanceException(
                $"{scenario} with {sdk}: {(exception is ConformanceException ? exception.Message : exception.ToString())}\n{string.Join('\n', run.Server.Faults)}\n\n" +
                $"Requests:\n{string.Join('\n', run.Server.Requests.Take(60))}\n\nTranscript:\n{run.Transcript}");
        }
    }

    /// <summary>Makes a client of the fake server, with options like <c>new { flushAt = 20 }</c>.</summary>
    public async Task<Client> NewAsync(object? options = null, string name = "default", string? key = null)
    {
        var (reply, given) = await TryNewAsync(options, name, key);
        if (!reply.GetProperty("ok").GetBoolean())
            throw new ConformanceException($"The constructor refuses: {reply.Text("error")}");
        SdkVersion = reply.Text("sdk") ?? throw new ConformanceException("The reply to new has no sdk.");
        Capabilities = reply.TryGetProperty("caps", out var caps) ? [.. caps.EnumerateArray().Select(cap => cap.GetString()!)] : [];
        if (Capabilities.Contains("persist") != _sdk.Persists)
            throw new ConformanceException($"The driver's capabilities are {string.Join(", ", Capabilities)}, but drivers.json says persists: {_sdk.Persists}.");
        var client = new Client(Driver, name, (string)given["apiKey"]!, given);
        _clients.Add(client);
        _watches.Add(WatchAsync(client));
        return client;
    }

    /// <summary>As <see cref="NewAsync"/>, for a constructor that may refuse.</summary>
    public async Task<(JsonElement Reply, JsonObject Options)> TryNewAsync(object? options = null, string name = "default", string? key = null)
    {
        var given = new JsonObject { ["apiUrl"] = Server.Url, ["apiKey"] = key ?? Sample.Key };
        foreach (var (option, value) in JsonSerializer.SerializeToNode(options ?? new { })!.AsObject())
            given[option] = value?.DeepClone();
        return (await Driver.CallAsync(new JsonObject { ["op"] = "new", ["client"] = name, ["options"] = given.DeepClone() }), given);
    }

    /// <summary>Starts the driver's process, after the last one has ended.</summary>
    public void Start() => _drivers.Add(Driver.Start(_sdk, Transcript));

    /// <summary>Kills the process. What its clients had not reported is not known, so their accounts are not judged.</summary>
    public Task KillAsync() => Driver.KillAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var driver in _drivers)
            await driver.DisposeAsync();
        await _watched.CancelAsync();
        await Task.WhenAll(_watches).ContinueWith(_ => { }, TaskScheduler.Default);
        _watched.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>What does not add up in the accounts of the clients.</summary>
    public IReadOnlyList<string> AccountFaults => _accountFaults;

    /// <summary>Rule 19 holds always, and not only at the end.</summary>
    private async Task WatchAsync(Client client)
    {
        while (!_watched.IsCancellationRequested)
        {
            try
            {
                await client.WatchedStatsAsync();
                await Task.Delay(100);
            }
            catch (ConformanceException) when (client.Driver.HasEnded)
            {
                return;
            }
        }
    }

    private async Task EndAsync()
    {
        await _watched.CancelAsync();
        await Task.WhenAll(_watches);
        foreach (var client in _clients.Where(client => client.Driver == Driver))
            _accountFaults.AddRange(await Accounts.FaultsAsync(this, client));
        Driver.EndInput();
        await Driver.ExitAsync(ExitPatience);
    }
}
