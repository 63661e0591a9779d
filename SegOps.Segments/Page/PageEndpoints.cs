using SegOps.ServiceDefaults.Http;

namespace SegOps.Segments.Page;

/// <summary>The page of segments: <c>/segments</c> and its files below <c>/segments/assets/</c>. Only the API that it calls needs a key.</summary>
internal static class PageEndpoints
{
    /// <summary>Maps the page and its files.</summary>
    internal static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapEmbeddedPage(typeof(PageEndpoints).Assembly, "/segments", "/segments/assets/");
}
