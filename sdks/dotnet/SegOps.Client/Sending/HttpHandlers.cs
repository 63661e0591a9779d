namespace SegOps.Client.Sending;

/// <summary>What the client needs of HTTP: no redirects, which would carry the key elsewhere, no cookies, and no timeout but its own.</summary>
internal static class HttpHandlers
{
    public static HttpClient NewClient() => new(New()) { Timeout = Timeout.InfiniteTimeSpan };

#if NET8_0_OR_GREATER
    public static HttpMessageHandler New() => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,

        // A new connection now and then follows the address of the server when DNS moves it.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
#else
    public static HttpMessageHandler New() => new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
#endif
}
