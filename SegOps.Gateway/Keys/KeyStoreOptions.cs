using System.ComponentModel.DataAnnotations;

namespace SegOps.Gateway.Keys;

/// <summary>Configuration section <c>KeyStore</c>: what the gateway remembers of keys.</summary>
internal sealed class KeyStoreOptions
{
    internal const string Section = "KeyStore";

    /// <summary>How long a key's state is used without asking Redis again: how soon a revocation takes effect. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "KeyStore:Freshness must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Keys held in memory; the least used make room. Default 50,000, about 30 MB.</summary>
    [Range(1, 10_000_000, ErrorMessage = "KeyStore:Capacity must be from 1 to 10000000.")]
    public int Capacity { get; set; } = 50_000;

    /// <summary>
    /// Failed authentications within any 60 seconds from one IPv4 address or IPv6 /64 network, after which keys that are not in memory are
    /// hardly looked up for it. Default 30: a person who mistypes, a service restarted a few times, but no guessing.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = "KeyStore:FailuresPerMinute must be from 1 to 100000.")]
    public int FailuresPerMinute { get; set; } = 30;

    /// <summary>How often it is written when keys were used last. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "KeyStore:LastUsedInterval must be from 00:00:01 to 01:00:00.")]
    public TimeSpan LastUsedInterval { get; set; } = TimeSpan.FromMinutes(1);
}
