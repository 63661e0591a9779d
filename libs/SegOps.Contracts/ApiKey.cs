using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SegOps.Contracts;

/// <summary>
/// An API key: <c>sk_live_</c> or <c>sk_test_</c>, 32 random base62 characters (190 bits) and a checksum of 6 characters. The checksum rejects
/// mistyped keys without a look-up. Only <see cref="Hash"/> is stored.
/// </summary>
public sealed class ApiKey : IEquatable<ApiKey>
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string LivePrefix = "sk_live_";
    private const string TestPrefix = "sk_test_";
    private const int RandomLength = 32;
    private const int ChecksumLength = 6;
    private static readonly SearchValues<char> Base62 = SearchValues.Create(Alphabet);
    private const int Length = 8 + RandomLength + ChecksumLength;

    private ApiKey(string text, string environment)
    {
        Environment = environment;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
    }

    /// <summary><see cref="Environments.Live"/> or <see cref="Environments.Test"/>.</summary>
    public string Environment { get; }

    /// <summary>Lower-case hexadecimal SHA-256 of the whole key, used for storage and look-up.</summary>
    public string Hash { get; }

    /// <summary>Generates a key for <paramref name="environment"/> with a cryptographic random generator.</summary>
    /// <returns>The key's text, which cannot be read again.</returns>
    /// <exception cref="ArgumentException"><paramref name="environment"/> is neither live nor test.</exception>
    public static string Generate(string environment) =>
        WithChecksum(PrefixOf(environment) + RandomNumberGenerator.GetString(Alphabet, RandomLength));

    /// <summary>Parses a key and checks its form and checksum, but not whether it was issued.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        if (text is not { Length: Length })
            return false;

        var environment = text.StartsWith(LivePrefix, StringComparison.Ordinal) ? Environments.Live
            : text.StartsWith(TestPrefix, StringComparison.Ordinal) ? Environments.Test
            : null;
        if (environment is null || text.AsSpan(LivePrefix.Length).ContainsAnyExcept(Base62))
            return false;
        if (WithChecksum(text[..^ChecksumLength]) != text)
            return false;

        key = new ApiKey(text, environment);
        return true;
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

    private static string PrefixOf(string environment) => environment switch
    {
        Environments.Live => LivePrefix,
        Environments.Test => TestPrefix,
        _ => throw new ArgumentException($"An API key is for '{Environments.Live}' or '{Environments.Test}'.", nameof(environment)),
    };
}
