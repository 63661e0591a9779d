using System.Globalization;
using SegOps.Contracts;

namespace SegOps.Gateway.Keys;

/// <summary>The restrictions of a publishable key, which everybody can read in a page or an app.</summary>
internal sealed class PublishableGrant
{
    /// <summary>The highest limit of calls within 60 seconds from one address.</summary>
    internal const int MostCallsPerMinutePerAddress = 6_000;

    private readonly string[] _allowedOrigins;

    private PublishableGrant(string hash, string[] allowedOrigins, int? callsPerMinutePerAddress)
    {
        Hash = hash;
        _allowedOrigins = allowedOrigins;
        CallsPerMinutePerAddress = callsPerMinutePerAddress;
    }

    /// <summary>The hash of the key, for the windows of its calls.</summary>
    internal string Hash { get; }

    /// <summary>Calls within any 60 seconds from one address; null for the default.</summary>
    internal int? CallsPerMinutePerAddress { get; }

    /// <summary>Reads the fields of a key's record. An origin that cannot be read covers nothing, and a limit that cannot be read is the default.</summary>
    internal static PublishableGrant Read(ApiKey key, string? allowedOrigins, string? callsPerMinutePerAddress) => new(
        key.Hash,
        allowedOrigins?.Split(' ') ?? [],
        int.TryParse(callsPerMinutePerAddress, NumberStyles.None, CultureInfo.InvariantCulture, out var calls)
            && calls is >= 1 and <= MostCallsPerMinutePerAddress ? calls : null);

    /// <summary>Why the key may not make a call, as one of the <see cref="ErrorCodes"/>; null if it may.</summary>
    /// <param name="request">The call.</param>
    /// <param name="sendsEvents">Whether the route is one of those that send events. No other route takes the key.</param>
    internal string? Refuse(HttpRequest request, bool sendsEvents)
    {
        if (!sendsEvents)
            return ErrorCodes.KeyCannotRead;

        var origin = request.Headers.Origin; // Browsers always send it with such calls, and pages cannot change it.
        return origin.Count == 0 || _allowedOrigins.Length == 0 || Array.Exists(_allowedOrigins, allowed => AllowedOrigin.Covers(allowed, origin.ToString()))
            ? null
            : ErrorCodes.OriginNotAllowed;
    }

    /// <summary>What a client can do about <paramref name="refusal"/>, a result of <see cref="Refuse"/>.</summary>
    internal static string AdviceFor(string refusal) => refusal == ErrorCodes.KeyCannotRead
        ? "Publishable keys (pk_live_, pk_test_) only send events, by POST to /api/ingestion/track/. Use a secret key (sk_live_, sk_test_) here, and only on servers."
        : "The key's allowed_origins do not include the origin of this page. An administrator can change them.";
}
