using SegOps.Contracts;

namespace SegOps.Gateway.Http;

/// <summary>Headers by which a client could claim to be somebody or somewhere else.</summary>
internal static class ClientHeaders
{
    /// <summary>Written by proxies, in front of us or behind.</summary>
    private static readonly string[] OriginPrefixes = ["X-Forwarded", "X-Original", "Forwarded", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Via"];

    /// <summary>Never forwarded, whoever sent them.</summary>
    private static readonly string[] OtherPrefixes = [InternalPrefix, "Authorization", "Cookie", "X-Rewrite-URL", "X-HTTP-Method", "X-Method-Override", "X-Content-Length"];

    private static string InternalPrefix => InternalHeaders.Prefix[..^1];

    /// <summary>Whether <paramref name="name"/> says where a request came from.</summary>
    internal static bool ClaimsOrigin(string name) => BeginsWithAny(name, OriginPrefixes);

    /// <summary>Whether a client's header of this name must not reach a service.</summary>
    internal static bool MustNotPass(string name) => ClaimsOrigin(name) || BeginsWithAny(name, OtherPrefixes);

    /// <summary>Whether a service's header of this name must not reach a client.</summary>
    internal static bool IsInternal(string name) => BeginsWith(name, InternalPrefix);

    private static bool BeginsWithAny(string name, string[] prefixes)
    {
        foreach (var prefix in prefixes)
            if (BeginsWith(name, prefix))
                return true;
        return false;
    }

    /// <summary>Underscores count as hyphens, because some servers fold the one into the other; case never counts.</summary>
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
