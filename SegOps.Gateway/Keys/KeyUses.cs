using Microsoft.Extensions.Options;
using SegOps.Contracts;

namespace SegOps.Gateway.Keys;

/// <summary>When keys were used last, until that is written: of at most <see cref="KeyStoreOptions.Capacity"/> keys, further ones are left out.</summary>
internal sealed class KeyUses(IOptions<KeyStoreOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Dictionary<string, long> _uses = [];

    /// <summary>Notes that a key is used now.</summary>
    internal void Note(ApiKey key)
    {
        lock (_lock)
            if (_uses.Count < options.Value.Capacity || _uses.ContainsKey(key.Hash))
                _uses[key.Hash] = clock.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <summary>Takes out what was noted: Unix times in milliseconds by the keys' hashes.</summary>
    internal Dictionary<string, long> Take()
    {
        lock (_lock)
        {
            var taken = _uses;
            _uses = [];
            return taken;
        }
    }

    /// <summary>Puts back what could not be written, as far as there is room and nothing newer.</summary>
    internal void PutBack(IEnumerable<KeyValuePair<string, long>> uses)
    {
        lock (_lock)
            foreach (var (hash, time) in uses)
                if (_uses.Count < options.Value.Capacity)
                    _uses.TryAdd(hash, time);
    }
}
