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

    internal static HashEntry[] Entries(IEnumerable<KeyValuePair<string, string>> fields) =>
        [.. fields.Select(static field => new HashEntry(field.Key, field.Value))];

    internal static string? Text(this Dictionary<string, string> hash, string field) => hash.GetValueOrDefault(field);

    internal static long? Number(this Dictionary<string, string> hash, string field) =>
        long.TryParse(hash.GetValueOrDefault(field), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    internal static DateTimeOffset? Time(this Dictionary<string, string> hash, string field) =>
        hash.Number(field) is { } ms && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    internal static async Task<Dictionary<string, string>> ReadAsync(IDatabase redis, string key) =>
        (await redis.HashGetAllAsync(key)).ToStringDictionary()!;
}
