using SegOps.ServiceDefaults.Http;

namespace SegOps.Monitoring.Page;

/// <summary>The monitoring page: <c>/</c> and its files below <c>/assets/</c>. Only the API that it calls needs a key.</summary>
internal static class PageEndpoints
{
    /// <summary>Maps the page and its files.</summary>
    internal static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapEmbeddedPage(typeof(PageEndpoints).Assembly, "/", "/assets/");
}
