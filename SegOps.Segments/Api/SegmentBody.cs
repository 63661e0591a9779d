using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using SegOps.Contracts;
using SegOps.InternalApi;

namespace SegOps.Segments.Api;

/// <summary>A strictly parsed JSON object: a rule, and what belongs to it.</summary>
internal sealed class SegmentBody
{
    /// <summary>Maximum size of a body, in bytes. Compressed bodies are not supported.</summary>
    internal const int MaxBytes = 256 * 1024;

    /// <summary>Maximum nesting. A valid rule needs less.</summary>
    private const int MaxDepth = 64;

    private readonly Dictionary<string, JsonElement> _members;

    private SegmentBody(Dictionary<string, JsonElement> members) => _members = members;

    /// <summary>Reads the body of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="names">The members that the endpoint knows. Others are faults, because a client expects an effect of them.</param>
    /// <exception cref="SegmentFault">The body is too large, or not a JSON object.</exception>
    /// <exception cref="InvalidParameterException">It has an unknown member.</exception>
    internal static async Task<SegmentBody> ReadAsync(HttpContext context, params string[] names)
    {
        if (!context.Request.HasJsonContentType() || context.Request.Headers.ContentEncoding.Count > 0)
            throw new SegmentFault(ErrorCodes.UnsupportedMediaType, "Send Content-Type: application/json, without a Content-Encoding.");

        var json = await ReadBytesAsync(context);
        try
        {
            return new(Parse(json, names));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new SegmentFault(ErrorCodes.MalformedJson, "The body must be one JSON object in UTF-8, without members of the same name, at most 64 levels deep.");
        }
    }

    /// <summary>The rule; undefined if absent.</summary>
    internal JsonElement Rule => _members.GetValueOrDefault("rule");

    /// <summary>Reads a string; null if absent.</summary>
    internal string? Text(string name)
    {
        if (!_members.TryGetValue(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new InvalidParameterException($"{name} takes a string.");
    }

    private static Dictionary<string, JsonElement> Parse(ReadOnlyMemory<byte> json, string[] names)
    {
        if (!Utf8.IsValid(json.Span))
            throw new JsonException("The body is not UTF-8.");
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("The body is not an object.");

        // Writes everything once, because only that finds unpaired surrogates: no reader of the values has to expect them.
        using (var writer = new Utf8JsonWriter(Stream.Null))
            document.RootElement.WriteTo(writer);

        Dictionary<string, JsonElement> members = [];
        foreach (var member in document.RootElement.EnumerateObject())
            if (!members.TryAdd(member.Name, member.Value.Clone()))
                throw new JsonException("A member is there more than once.");
        return members.Keys.FirstOrDefault(name => !names.Contains(name)) is { } unknown
            ? throw new InvalidParameterException($"{(unknown.Length > 64 ? unknown[..64] : unknown)} is not a member of this request. It has {string.Join(", ", names)}.")
            : members;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext context)
    {
        var buffer = new ArrayBufferWriter<byte>();
        for (int read; (read = await context.Request.Body.ReadAsync(buffer.GetMemory(4096), context.RequestAborted)) > 0;)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxBytes)
                throw new SegmentFault(ErrorCodes.BodyTooLarge, $"The body must not exceed {MaxBytes} bytes.");
        }
        return buffer.WrittenMemory;
    }
}
