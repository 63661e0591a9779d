using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>What can lose Redis's data: its version, the eviction of keys and missing persistence. Each change is logged.</summary>
internal sealed partial class RedisServers(RedisConnection redis, ILogger<RedisServers> logger)
{
    private string _logged = "";

    /// <summary>Reads the state of all primaries.</summary>
    /// <exception cref="RedisUnavailableException">Redis did not answer.</exception>
    internal async Task<RedisState> ReadAsync()
    {
        var states = await redis.UseAsync(static connection => Task.WhenAll(connection.GetServers()
            .Where(static server => server is { IsConnected: true, IsReplica: false }).Select(ReadAsync)));
        var state = new RedisState(
            [.. states.SelectMany(static one => one.Faults).Distinct()], [.. states.SelectMany(static one => one.Notes).Distinct()]);
        Log(state);
        return state;
    }

    private static async Task<RedisState> ReadAsync(IServer server)
    {
        var info = await AllowedAsync(() => server.InfoRawAsync()) ?? "";
        var save = info.Contains("aof_enabled:0", StringComparison.Ordinal)
            ? await AllowedAsync(async () => (await server.ConfigGetAsync("save")).Select(static setting => setting.Value).FirstOrDefault())
            : null;
        return RedisState.Of(info, save);
    }

    /// <summary>Null if the service may not ask: managed servers forbid CONFIG.</summary>
    private static async Task<string?> AllowedAsync(Func<Task<string?>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            return null;
        }
    }

    private void Log(RedisState state)
    {
        var text = $"{state}";
        if (Interlocked.Exchange(ref _logged, text) == text)
            return;
        foreach (var fault in state.Faults)
            LogFault(fault);
        foreach (var note in state.Notes)
            LogNote(note);
    }

    [LoggerMessage(LogLevel.Warning, "Redis can lose data. {Fault}")]
    private partial void LogFault(string fault);

    [LoggerMessage(LogLevel.Information, "Redis: {Note}")]
    private partial void LogNote(string note);
}

/// <summary>The settings of Redis on which the service's data depends.</summary>
/// <param name="Faults">What loses data or was never tested, in sentences.</param>
/// <param name="Notes">What is weaker than recommended, or could not be found out.</param>
internal sealed record RedisState(IReadOnlyList<string> Faults, IReadOnlyList<string> Notes)
{
    /// <summary>The oldest version on which the tests run. The scripts need 5.0.</summary>
    private static readonly Version Oldest = new(7, 0);

    /// <summary>The first version with WAITAOF.</summary>
    private static readonly Version WithWaitAof = new(7, 2);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Faults.Concat(Notes));

    /// <summary>Reads the answers of a server.</summary>
    /// <param name="info">The answer to INFO; empty if it is forbidden.</param>
    /// <param name="save">The answer to CONFIG GET save; null if it is forbidden or was not asked.</param>
    internal static RedisState Of(string info, string? save)
    {
        var fields = info.Split('\n', StringSplitOptions.TrimEntries).Select(static line => line.Split(':', 2)).Where(static pair => pair.Length == 2)
            .GroupBy(static pair => pair[0]).ToDictionary(static field => field.Key, static field => field.First()[1]);
        List<string> faults = [], notes = [];
        if (fields.ContainsKey("garnet_version"))
            return new(faults, ["It is Garnet. Whether it evicts keys and what it writes to disk is unknown."]);

        switch (fields.GetValueOrDefault("maxmemory_policy"))
        {
            case null:
                notes.Add("Its maxmemory-policy is unknown.");
                break;
            case not "noeviction" and var policy:
                faults.Add($"maxmemory-policy is {policy}: Redis evicts keys when its memory is full, and their clients get 401. Set it to noeviction.");
                break;
        }
        switch (fields.GetValueOrDefault("aof_enabled"), save)
        {
            case ("1", _):
                break;
            case ("0", ""):
                faults.Add("It has neither an append-only file nor snapshots: a restart forgets keys, revocations and usage. Set appendonly to yes.");
                break;
            case ("0", not null):
                notes.Add("It has snapshots but no append-only file: a crash forgets the changes since the last snapshot. Set appendonly to yes.");
                break;
            default:
                notes.Add("Whether it has an append-only file or snapshots is unknown.");
                break;
        }
        if (!Version.TryParse(fields.GetValueOrDefault("redis_version"), out var version))
            notes.Add("Its version is unknown.");
        else if (version < Oldest)
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"Its version {version} is older than {Oldest}, the oldest that SegOps is tested with."));
        else if (version < WithWaitAof)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"Version {version} has no WAITAOF: a crash of its machine can forget the last second, revocations included."));
        return new(faults, notes);
    }
}
