using Scalar.AspNetCore;

namespace SegOps.Gateway.Reference;

/// <summary>The public API's description, for programs as an OpenAPI document and for people as a page. Neither needs a key.</summary>
internal static class ReferenceEndpoints
{
    internal const string DocumentPath = "/openapi/v1.json";
    internal const string PagePath = "/docs";

    /// <summary>
    /// The page runs our two scripts and calls this origin, nothing else. Styles are the exception: Scalar writes its own into the page.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the document, the page and the page's scripts.</summary>
    internal static WebApplication MapReference(this WebApplication app)
    {
        app.MapFile(DocumentPath, ReferenceFile.Own("openapi.json", "application/json"));
        app.MapFile(PagePath, ReferenceFile.Own("page.html", "text/html; charset=utf-8"), static headers =>
        {
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.Link = $"<{DocumentPath}>; rel=\"service-desc\"";
        });
        app.MapFile(PagePath + "/page.js", ReferenceFile.Own("page.js", "text/javascript; charset=utf-8"));
        // Scalar's own endpoint would bring a page of its own with inline scripts; all that we need of it is the script.
        app.MapFile(PagePath + "/scalar.js", ReferenceFile.Compressed(
            typeof(ScalarOptions).Assembly, "ScalarStaticAssets.scalar.js", "text/javascript; charset=utf-8"));
        return app;
    }

    private static void MapFile(this WebApplication app, string path, ReferenceFile file, Action<IHeaderDictionary>? addHeaders = null) =>
        app.MapMethods(path, Methods, context =>
        {
            var headers = context.Response.Headers;
            headers.CacheControl = "public, no-cache"; // Asked for each time and mostly answered 304, so that page and scripts always match.
            headers.XContentTypeOptions = "nosniff";
            addHeaders?.Invoke(headers);
            return file.Answer(context).ExecuteAsync(context);
        });
}
