using System.Reflection;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Monitoring.Page;

/// <summary>The monitoring page: <c>/</c> and the files that it loads, below <c>/assets/</c>. It needs no key; the API that it calls does.</summary>
internal static class PageEndpoints
{
    /// <summary>Where in the assembly the build puts the page's files.</summary>
    private const string Folder = "Page/";
    private const string Index = Folder + "index.html";

    /// <summary>
    /// Our own scripts and styles, calls to this origin, and nothing else: no inline code, no form that submits, no frame around it. Trusted
    /// types make the browser refuse every attempt to turn a string into markup or code.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Maps the page and every file that it is made of.</summary>
    internal static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder endpoints)
    {
        var assembly = typeof(PageEndpoints).Assembly;
        foreach (var resource in Files(assembly))
        {
            var path = resource == Index ? "/" : "/assets/" + resource[Folder.Length..];
            StaticFile.Embedded(assembly, resource, ContentTypeOf(resource)).Map(endpoints, path, AddHeaders);
        }
        return endpoints;
    }

    private static IEnumerable<string> Files(Assembly assembly) =>
        assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Folder, StringComparison.Ordinal));

    private static void AddHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    private static string ContentTypeOf(string file) => Path.GetExtension(file) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".txt" => "text/plain; charset=utf-8",
        var other => throw new InvalidOperationException($"The page has no content type for '{other}'."),
    };
}
