using System.Globalization;
using SegOps.Contracts;
using SegOps.Gateway.Limits;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Gateway.Limits;

/// <summary>The limiter's script in a real Redis, at times that a test chooses.</summary>
internal sealed class CallScript : IAsyncDisposable
{
    /// <summary>2025-06-15 12:00 UTC in microseconds of Unix time.</summary>
    public const long Noon = 1_749_988_800_000_000;

    public const long Second = 1_000_000;

    private static readonly string Core = UsageScripts.Calls + RedisExtensions.ReadScript(typeof(CallLimiter), "take_call.lua");
    private const string AtGivenTime = "return { take_call(KEYS, { ARGV[2], ARGV[3] }, tonumber(ARGV[1]), ARGV[4] ~= '0') }";

    private readonly ConnectionMultiplexer _connection;
    private readonly string _key = RedisKeys.Calls(Unique.Name("project_"), CallBuckets.Live);

    private CallScript(ConnectionMultiplexer connection) => _connection = connection;

    public static async Task<CallScript> StartAsync(RedisFixture redis) =>
        new(await ConnectionMultiplexer.ConnectAsync(await redis.ConnectionStringAsync()));

    /// <summary>Makes one call at <paramref name="now"/>.</summary>
    public async Task<(bool Allowed, long Left, long Wait)> CallAsync(int limit, long now)
    {
        var reply = await RunAsync([_key], [Text(now), limit, limit]);
        return (reply[0] == 1, reply[1], reply[2]);
    }

    /// <summary>Makes one call at noon from an address, within a ceiling. Returns the window that decides: 1 is the ceiling.</summary>
    public async Task<(bool Allowed, long Left, long Window)> CallFromAsync(string address, int limit, int ceiling, bool counted = true)
    {
        var reply = await RunAsync([_key, AddressKey(address)], [Text(Noon), ceiling, limit, counted]);
        return (reply[0] == 1, reply[1], reply[3]);
    }

    /// <summary>Whether Redis holds anything of an address.</summary>
    public Task<bool> HoldsAsync(string address) => _connection.GetDatabase().KeyExistsAsync(AddressKey(address));

    /// <summary>Makes calls at these times and returns which were let through.</summary>
    public async Task<List<bool>> CallAsync(int limit, IEnumerable<long> times)
    {
        var allowed = new List<bool>();
        foreach (var time in times)
            allowed.Add((await CallAsync(limit, time)).Allowed);
        return allowed;
    }

    public Task<TimeSpan?> TimeToLiveAsync() => _connection.GetDatabase().KeyTimeToLiveAsync(_key);

    public Task<long> LengthAsync() => _connection.GetDatabase().ListLengthAsync(_key);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static RedisValue Text(long now) => now.ToString(CultureInfo.InvariantCulture);

    private RedisKey AddressKey(string address) => _key + ":" + address;

    private async Task<long[]> RunAsync(RedisKey[] keys, RedisValue[] values) =>
        (long[])(await _connection.GetDatabase().ScriptEvaluateAsync(Core + AtGivenTime, keys, values))!;
}
