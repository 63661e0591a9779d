using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace SegOps.ServiceDefaults.Http;

/// <summary>A page embedded in an assembly: the resource <c>Page/index.html</c> and its other files <c>Page/{name}</c>. It needs no key.</summary>
public static class EmbeddedPage
{
    /// <summary>The prefix of a page's files in its assembly.</summary>
    private const string Folder = "Page/";
    private const string Index = Folder + "index.html";

    /// <summary>
    /// Allows only scripts, styles and calls of this origin: no inline code, no form submission, no framing. Trusted
    /// types make the browser refuse to convert strings to markup or code.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Maps the page of <paramref name="assembly"/> to <paramref name="path"/> and its files below <paramref name="assets"/>, which ends with a slash.</summary>
    public static IEndpointRouteBuilder MapEmbeddedPage(this IEndpointRouteBuilder endpoints, Assembly assembly, string path, string assets)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        foreach (var resource in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            var file = StaticFile.Embedded(assembly, resource, ContentTypeOf(resource));
            file.Map(endpoints, resource == Index ? path : assets + resource[Folder.Length..], AddHeaders);
        }
        return endpoints;
    }

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
