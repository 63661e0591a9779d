using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace SegOps.Gateway.Reference;

/// <summary>A file that is served as it was built, from memory, compressed once.</summary>
internal sealed class ReferenceFile
{
    private const string Gzip = "gzip";
    private readonly byte[] _compressed;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _tag;

    private ReferenceFile(byte[] compressed, string contentType)
    {
        _compressed = compressed;
        _contentType = contentType;
        // Weak, for it names what the bytes say and not how they are encoded.
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(compressed).AsSpan(0, 8))}\"", isWeak: true);
    }

    /// <summary>One of this folder's own files, embedded by the build.</summary>
    internal static ReferenceFile Own(string name, string contentType)
    {
        using var file = Open(typeof(ReferenceFile).Assembly, "Reference/" + name);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            file.CopyTo(gzip);
        return new ReferenceFile(compressed.ToArray(), contentType);
    }

    /// <summary>A file that <paramref name="assembly"/> holds compressed already.</summary>
    internal static ReferenceFile Compressed(Assembly assembly, string resource, string contentType)
    {
        using var file = Open(assembly, resource);
        var compressed = new byte[file.Length];
        file.ReadExactly(compressed);
        return new ReferenceFile(compressed, contentType);
    }

    /// <summary>Answers with the file, or with 304 to a client that has it.</summary>
    internal IResult Answer(HttpContext context)
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
