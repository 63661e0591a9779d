using System.Reflection;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Monitoring.Page;

/// <summary>The monitoring page: <c>/</c> and its files below <c>/assets/</c>. Only the API that it calls needs a key.</summary>
internal static class PageEndpoints
{
    /// <summary>The prefix of the page's files in the assembly.</summary>
    private const string Folder = "Page/";
    private const string Index = Folder + "index.html";

    /// <summary>
    /// Allows only scripts, styles and calls of this origin: no inline code, no form submission, no framing. Trusted
    /// types make the browser refuse to convert strings to markup or code.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Maps the page and its files.</summary>
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
