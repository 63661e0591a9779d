using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SegOps.Contracts;

/// <summary>
/// An API key: a prefix for its <see cref="Kind"/> and <see cref="Environment"/> (<c>sk_live_</c>, <c>sk_test_</c>, <c>pk_live_</c> or
/// <c>pk_test_</c>), 32 random base62 characters (190 bits) and a checksum of 6 characters. The checksum rejects mistyped keys without a look-up.
/// Only <see cref="Hash"/> is stored.
/// </summary>
public sealed class ApiKey : IEquatable<ApiKey>
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int PrefixLength = 8;
    private const int RandomLength = 32;
    private const int ChecksumLength = 6;
    private static readonly SearchValues<char> Base62 = SearchValues.Create(Alphabet);
    private const int Length = PrefixLength + RandomLength + ChecksumLength;

    private static readonly (string Prefix, ApiKeyKind Kind, string Environment)[] Prefixes =
    [
        ("sk_live_", ApiKeyKind.Secret, Environments.Live),
        ("sk_test_", ApiKeyKind.Secret, Environments.Test),
        ("pk_live_", ApiKeyKind.Publishable, Environments.Live),
        ("pk_test_", ApiKeyKind.Publishable, Environments.Test),
    ];

    private ApiKey(string text, ApiKeyKind kind, string environment)
    {
        Kind = kind;
        Environment = environment;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
    }

    /// <summary>What the key may do.</summary>
    public ApiKeyKind Kind { get; }

    /// <summary><see cref="Environments.Live"/> or <see cref="Environments.Test"/>.</summary>
    public string Environment { get; }

    /// <summary>Lower-case hexadecimal SHA-256 of the whole key, used for storage and look-up.</summary>
    public string Hash { get; }

    /// <summary>Generates a key for <paramref name="environment"/> with a cryptographic random generator.</summary>
    /// <returns>The key's text, which cannot be read again.</returns>
    /// <exception cref="ArgumentException"><paramref name="environment"/> is neither live nor test.</exception>
    public static string Generate(string environment, ApiKeyKind kind = ApiKeyKind.Secret) =>
        WithChecksum(PrefixOf(environment, kind) + RandomNumberGenerator.GetString(Alphabet, RandomLength));

    /// <summary>Parses a key and checks its form and checksum, but not whether it was issued.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        if (text is not { Length: Length })
            return false;

        foreach (var (prefix, kind, environment) in Prefixes)
        {
            if (!text.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            if (text.AsSpan(PrefixLength).ContainsAnyExcept(Base62) || WithChecksum(text[..^ChecksumLength]) != text)
                return false;
            key = new ApiKey(text, kind, environment);
            return true;
        }
        return false;
    }

    /// <summary>Compares two keys in constant time.</summary>
    public bool Equals(ApiKey? other) => other is not null
        && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes<char>(Hash), MemoryMarshal.AsBytes<char>(other.Hash));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ApiKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash.GetHashCode(StringComparison.Ordinal);

    /// <summary>Appends the checksum: the first 32 bits of SHA-256 in base62.</summary>
    internal static string WithChecksum(string body)
    {
        var digest = SHA256.HashData(Encoding.ASCII.GetBytes(body));
        var value = BinaryPrimitives.ReadUInt32BigEndian(digest);
        return string.Create(body.Length + ChecksumLength, (body, value), static (span, state) =>
        {
            state.body.CopyTo(span);
            var remainder = state.value;
            for (var i = span.Length - 1; i >= state.body.Length; i--)
            {
                span[i] = Alphabet[(int)(remainder % 62)];
                remainder /= 62;
            }
        });
    }

    private static string PrefixOf(string environment, ApiKeyKind kind)
    {
        foreach (var (prefix, itsKind, itsEnvironment) in Prefixes)
            if (itsKind == kind && itsEnvironment == environment)
                return prefix;
        throw new ArgumentException($"An API key is for '{Environments.Live}' or '{Environments.Test}'.", nameof(environment));
    }
}

/// <summary>What an API key may do. The first letters of its text decide it.</summary>
public enum ApiKeyKind
{
    /// <summary><c>sk_</c>: everything of its project. For servers only.</summary>
    Secret,

    /// <summary><c>pk_</c>: sending events, and nothing else. For pages and apps, where everybody can read it.</summary>
    Publishable,
}
