using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CommunityToolkit.HighPerformance.Buffers;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>Parses a request's body, almost always in one pass.</summary>
internal static class TrackParser
{
    /// <summary>No depth limit: a level costs the reader one bit, and validation must report the event that is too deep.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>Parses <paramref name="body"/>; never throws.</summary>
    /// <param name="body">The whole body, decompressed.</param>
    /// <param name="metadata">The values that the events share.</param>
    /// <param name="isBatch">Whether the body is an object around events, or one event.</param>
    public static ParseResult Parse(ReadOnlySpan<byte> body, RequestMetadata metadata, bool isBatch)
    {
        var rows = new ArrayPoolBufferWriter<byte>(initialCapacity: body.Length + 1024);
        ParseResult result = default;
        try
        {
            body = WithoutMark(body);
            return result = CheckText(body) is { } notText ? new(null, notText) : Parse(body, metadata, isBatch, rows, clock: default);
        }
        finally
        {
            if (result.Request is null)
                rows.Dispose();
        }
    }

    private static ParseResult Parse(
        ReadOnlySpan<byte> body, RequestMetadata metadata, bool isBatch, ArrayPoolBufferWriter<byte> rows, ClientClock clock)
    {
        var events = new EventReader(metadata, new EventRowWriter(rows, metadata, hasSlot: isBatch), isBatch, clock);
        try
        {
            if (Read(body, events, isBatch) is { } error)
                return new(null, error);
            if (events.LateClock is not { } late)
                return new(events.Result(rows), null);

            // The clock of the client is wrong, and its sent_at follows the events, which were judged without it. Only then is a body read twice.
            rows.Clear();
            return Parse(body, metadata, isBatch, rows, late);
        }
        catch (JsonException exception)
        {
            return new(null, RequestError.Malformed(
                $"The body is not valid JSON: see line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} of that line"
                + (EndsEarly(body, exception) ? ", where it ends too early." : ".")));
        }
    }

    private static RequestError? Read(ReadOnlySpan<byte> body, EventReader events, bool isBatch)
    {
        var reader = new Utf8JsonReader(body, Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestError.Malformed((isBatch ? "The body must be an object such as {\"events\":[...]}" : "The body must be one event, a JSON object")
                + $", but {ValidationErrors.Named(reader.TokenType)} was sent.");
        }

        if (isBatch)
        {
            if (new BatchReader(events).Read(ref reader, body) is { } error)
                return error;
        }
        else
        {
            events.Read(ref reader, body, index: 0);
        }

        // Throws if anything but white space follows.
        reader.Read();
        return null;
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> body) => body.StartsWith(ByteOrderMark) ? body[ByteOrderMark.Length..] : body;

    private static RequestError? CheckText(ReadOnlySpan<byte> body)
    {
        if (!body.ContainsAnyExcept(" \t\r\n"u8))
            return RequestError.Malformed("The body is empty.");
        return Utf8.IsValid(body) ? null : RequestError.Malformed($"The body is not valid UTF-8: see byte {InvalidByte(body)}, counted from 0.");
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
}
