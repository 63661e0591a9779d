using System.ComponentModel.DataAnnotations;

namespace SegOps.Gateway.Keys;

/// <summary>Configuration section <c>KeyStore</c>, and the connection string <c>redis</c>.</summary>
internal sealed class KeyStoreOptions
{
    internal const string Section = "KeyStore";

    /// <summary><c>ConnectionStrings:redis</c> in StackExchange.Redis's form; no default.</summary>
    [Required(ErrorMessage = "ConnectionStrings:redis is required, for example localhost:6379 or host:6380,password=...,ssl=true.")]
    public string ConnectionString { get; set; } = "";

    /// <summary>How long a key's state is used without asking Redis again: how soon a revocation takes effect. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "KeyStore:Freshness must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a request waits for Redis when memory can answer instead. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:05", ErrorMessage = "KeyStore:RefreshDeadline must be from 00:00:00.001 to 00:00:05.")]
    public TimeSpan RefreshDeadline { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long a request waits for Redis, the first connect included, when the key is not in memory; then 503. Default 1 s: long enough
    /// that a reconnect or a pause of the garbage collector refuses nobody.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:30", ErrorMessage = "KeyStore:LookupDeadline must be from 00:00:00.01 to 00:00:30.")]
    public TimeSpan LookupDeadline { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Keys held in memory; the least used make room. Default 50,000, about 30 MB.</summary>
    [Range(1, 10_000_000, ErrorMessage = "KeyStore:Capacity must be from 1 to 10000000.")]
    public int Capacity { get; set; } = 50_000;
}
