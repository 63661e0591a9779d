using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace SegOps.ServiceDefaults.Http;

/// <summary>A file embedded in an assembly, compressed once and served from memory.</summary>
public sealed class StaticFile
{
    private const string Gzip = "gzip";
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];
    private readonly byte[] _compressed;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _tag;

    private StaticFile(byte[] compressed, string contentType)
    {
        _compressed = compressed;
        _contentType = contentType;
        // A weak tag, because the compressed and the plain answer share it.
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(compressed).AsSpan(0, 8))}\"", isWeak: true);
    }

    /// <summary>Reads an uncompressed file of <paramref name="assembly"/>.</summary>
    /// <exception cref="InvalidOperationException">The file is not embedded.</exception>
    public static StaticFile Embedded(Assembly assembly, string resource, string contentType)
    {
        using var file = Open(assembly, resource);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            file.CopyTo(gzip);
        return new StaticFile(compressed.ToArray(), contentType);
    }

    /// <summary>Reads a gzip-compressed file of <paramref name="assembly"/>.</summary>
    /// <exception cref="InvalidOperationException">The file is not embedded.</exception>
    public static StaticFile Compressed(Assembly assembly, string resource, string contentType)
    {
        using var file = Open(assembly, resource);
        var compressed = new byte[file.Length];
        file.ReadExactly(compressed);
        return new StaticFile(compressed, contentType);
    }

    /// <summary>Serves the file at <paramref name="path"/> to GET and HEAD. <paramref name="addHeaders"/> adds headers.</summary>
    public void Map(IEndpointRouteBuilder endpoints, string path, Action<IHeaderDictionary>? addHeaders = null) =>
        endpoints.MapMethods(path, Methods, context =>
        {
            var headers = context.Response.Headers;
            headers.CacheControl = "public, no-cache"; // Clients always revalidate, mostly with a 304, so that page and scripts match.
            headers.XContentTypeOptions = "nosniff";
            addHeaders?.Invoke(headers);
            return Answer(context).ExecuteAsync(context);
        });

    /// <summary>Returns the file, or 304 if the client has it.</summary>
    private IResult Answer(HttpContext context)
    {
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (!context.Request.GetTypedHeaders().AcceptEncoding.Any(accepted => accepted.Value == Gzip && accepted.Quality != 0))
            return Results.Stream(new GZipStream(new MemoryStream(_compressed), CompressionMode.Decompress), _contentType, entityTag: _tag);

        context.Response.Headers.ContentEncoding = Gzip;
        return Results.Bytes(_compressed, _contentType, entityTag: _tag);
    }

    private static Stream Open(Assembly assembly, string resource) =>
        assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"{assembly.GetName().Name} holds no '{resource}'.");
}
