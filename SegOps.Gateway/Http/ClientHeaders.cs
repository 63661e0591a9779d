using SegOps.Contracts;

namespace SegOps.Gateway.Http;

/// <summary>Headers that a client could forge to claim another identity or address.</summary>
internal static class ClientHeaders
{
    /// <summary>The header that takes an API key without a scheme.</summary>
    internal const string ApiKey = "X-Api-Key";

    /// <summary>Headers that proxies set.</summary>
    private static readonly string[] OriginPrefixes = ["X-Forwarded", "X-Original", "Forwarded", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Via"];

    /// <summary>Other headers that are never forwarded.</summary>
    private static readonly string[] OtherPrefixes = [InternalPrefix, "Authorization", ApiKey, "Cookie", "X-Rewrite-URL", "X-HTTP-Method", "X-Method-Override", "X-Content-Length"];

    private static string InternalPrefix => InternalHeaders.Prefix[..^1];

    /// <summary>Whether the header <paramref name="name"/> states the origin of a request.</summary>
    internal static bool ClaimsOrigin(string name) => BeginsWithAny(name, OriginPrefixes);

    /// <summary>Whether a client's header <paramref name="name"/> must not reach a service.</summary>
    internal static bool MustNotPass(string name) => ClaimsOrigin(name) || BeginsWithAny(name, OtherPrefixes);

    /// <summary>Whether a service's header <paramref name="name"/> must not reach a client.</summary>
    internal static bool IsInternal(string name) => BeginsWith(name, InternalPrefix);

    private static bool BeginsWithAny(string name, string[] prefixes)
    {
        foreach (var prefix in prefixes)
            if (BeginsWith(name, prefix))
                return true;
        return false;
    }

    /// <summary>Compares without case, and underscores as hyphens, because some servers convert one into the other.</summary>
    private static bool BeginsWith(string name, string prefix)
    {
        if (name.Length < prefix.Length)
            return false;
        for (var i = 0; i < prefix.Length; i++)
            if (char.ToLowerInvariant(name[i] == '_' ? '-' : name[i]) != char.ToLowerInvariant(prefix[i]))
                return false;
        return true;
    }
}
