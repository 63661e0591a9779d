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
}
