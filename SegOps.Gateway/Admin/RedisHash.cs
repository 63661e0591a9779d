using System.Globalization;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace SegOps.Gateway.Admin;

/// <summary>Reads and writes strings, numbers and times in Redis hashes.</summary>
internal static class RedisHash
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A random id: <paramref name="prefix"/> and 16 base62 characters.</summary>
    internal static string NewId(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, 16);

    /// <summary>Of an existing hash, sets the first ARGV[1] pairs of field and value, and deletes the other fields.</summary>
    private const string Change = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        local last = 1 + 2 * ARGV[1]
        for i = 2, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
        for i = last + 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
        return 1
        """;

    internal static HashEntry[] Entries(IEnumerable<KeyValuePair<string, string>> fields) =>
        [.. fields.Select(static field => new HashEntry(field.Key, field.Value))];

    internal static string? Text(this Dictionary<string, string> hash, string field) => hash.GetValueOrDefault(field);

    internal static long? Number(this Dictionary<string, string> hash, string field) =>
        long.TryParse(hash.GetValueOrDefault(field), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    internal static DateTimeOffset? Time(this Dictionary<string, string> hash, string field) =>
        hash.Number(field) is { } ms && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    internal static async Task<Dictionary<string, string>> ReadAsync(IDatabase redis, string key) =>
        (await redis.HashGetAllAsync(key)).ToStringDictionary()!;

    /// <summary>Sets the fields of an existing hash, and deletes those without a value, all at once.</summary>
    /// <returns>Whether the hash exists. If not, it is not created.</returns>
    internal static async Task<bool> ChangeAsync(IDatabase redis, string key, IReadOnlyCollection<KeyValuePair<string, string?>> fields)
    {
        var set = fields.Where(static field => field.Value is not null).ToList();
        RedisValue[] arguments =
        [
            set.Count, .. set.SelectMany(static field => new RedisValue[] { field.Key, field.Value }),
            .. fields.Where(static field => field.Value is null).Select(static field => (RedisValue)field.Key),
        ];
        return (bool)await redis.ScriptEvaluateAsync(Change, [key], arguments);
    }
}
