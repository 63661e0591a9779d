using Scalar.AspNetCore;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Reference;

/// <summary>The reference of the public API: an OpenAPI document and a page that shows it. Neither needs a key.</summary>
internal static class ReferenceEndpoints
{
    internal const string DocumentPath = "/openapi/v1.json";
    internal const string PagePath = "/docs";

    /// <summary>
    /// The page runs two scripts of this origin and calls only this origin. Inline styles are allowed, because Scalar writes its own into the page.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps the document, the page and the page's scripts.</summary>
    internal static WebApplication MapReference(this WebApplication app)
    {
        Own("openapi.json", "application/json").Map(app, DocumentPath);
        Own("page.html", "text/html; charset=utf-8").Map(app, PagePath, static headers =>
        {
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.Link = $"<{DocumentPath}>; rel=\"service-desc\"";
        });
        Own("page.js", "text/javascript; charset=utf-8").Map(app, PagePath + "/page.js");
        // Scalar's own endpoint serves a page with inline scripts. Only its script is needed.
        StaticFile.Compressed(typeof(ScalarOptions).Assembly, "ScalarStaticAssets.scalar.js", "text/javascript; charset=utf-8")
            .Map(app, PagePath + "/scalar.js");
        return app;
    }

    /// <summary>A file of this folder, embedded by the build.</summary>
    private static StaticFile Own(string name, string contentType) =>
        StaticFile.Embedded(typeof(ReferenceEndpoints).Assembly, "Reference/" + name, contentType);
}
