using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using SegOps.Contracts;

namespace SegOps.Ingestion.Track;

/// <summary>Reads a request's body, once.</summary>
internal static class TrackParser
{
    /// <summary>Depth is limited where it can be told which event it concerns; the reader itself needs one bit a level.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>Reads <paramref name="body"/>; never throws, whatever it holds.</summary>
    /// <param name="body">The whole body, decompressed.</param>
    /// <param name="stamp">What the events have in common.</param>
    /// <param name="isBatch">Whether the body is an object around events, or one event.</param>
    public static ParsedRequest Parse(ReadOnlySpan<byte> body, RequestStamp stamp, bool isBatch)
    {
        var parsed = new ParsedRequest(stamp, isBatch, body.Length);
        if (body.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];
        try
        {
            parsed.Refusal = NotText(body) ?? Read(body, parsed, isBatch);
        }
        catch (JsonException exception)
        {
            parsed.Refusal = Malformed($"The body is not valid JSON: see line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} of that line"
                + (EndsEarly(body, exception) ? ", where it ends too early." : "."));
        }
        catch
        {
            parsed.Dispose();
            throw;
        }

        return parsed;
    }

    private static TrackRefusal? Read(ReadOnlySpan<byte> body, ParsedRequest parsed, bool isBatch)
    {
        var reader = new Utf8JsonReader(body, Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Malformed((isBatch ? "The body must be an object such as {\"events\":[...]}" : "The body must be one event, a JSON object")
                + $", but {EventFaults.Named(reader.TokenType)} was sent.");
        }

        if (isBatch)
        {
            var refusal = new BatchReader(parsed).Read(ref reader, body);
            if (refusal is not null)
                return refusal;
        }
        else
        {
            parsed.Events.Read(ref reader, body, index: 0);
        }

        // Throws when anything but white space follows.
        reader.Read();
        return null;
    }

    private static TrackRefusal? NotText(ReadOnlySpan<byte> body)
    {
        if (!body.ContainsAnyExcept(" \t\r\n"u8))
            return Malformed("The body is empty.");
        return Utf8.IsValid(body) ? null : Malformed($"The body is not valid UTF-8: see byte {InvalidByte(body)}, counted from 0.");
    }

    private static int InvalidByte(ReadOnlySpan<byte> body)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(body[position..], out _, out var length) == OperationStatus.Done)
            position += length;
        return position;
    }

    private static bool EndsEarly(ReadOnlySpan<byte> body, JsonException exception)
    {
        var lines = body.Count((byte)'\n');
        var lastLine = body.Length - (body.LastIndexOf((byte)'\n') + 1);
        return exception.LineNumber == lines && exception.BytePositionInLine >= lastLine;
    }

    /// <summary>The refusal of a body that is not JSON of the expected shape.</summary>
    public static TrackRefusal Malformed(string detail) => new(ErrorCodes.MalformedJson, detail);
}
