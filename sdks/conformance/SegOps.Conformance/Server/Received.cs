using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;

namespace SegOps.Conformance.Server;

/// <summary>An event as it arrived.</summary>
/// <param name="Id">Its event_id; empty if it has none.</param>
/// <param name="Raw">Its bytes in the body.</param>
/// <param name="Json">The same, parsed.</param>
internal sealed record ReceivedEvent(string Id, byte[] Raw, JsonElement Json)
{
    public string Type => Json.GetProperty("event_type").GetString()!;

    public JsonElement Payload => Json.GetProperty("payload");
}

/// <summary>A request that arrived whole.</summary>
internal sealed class Received
{
    public Received(RequestHead head, byte[] wire, long headAt)
    {
        (Head, Wire, HeadAt, At) = (head, wire, headAt, DateTimeOffset.UtcNow);
        try
        {
            Body = Decompress(head["Content-Encoding"], wire);
            using var document = JsonDocument.Parse(Body);
            Batch = document.RootElement.Clone();
            Events = Split(Body);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException or InvalidOperationException)
        {
            Fault = $"The body cannot be read: {exception.Message}";
        }
    }

    public RequestHead Head { get; }

    /// <summary>The body as sent.</summary>
    public byte[] Wire { get; }

    /// <summary>The body after decompression.</summary>
    public byte[] Body { get; } = [];

    public JsonElement Batch { get; }

    public IReadOnlyList<ReceivedEvent> Events { get; } = [];

    public IEnumerable<string> Ids => Events.Select(each => each.Id);

    /// <summary>Why the body cannot be read; null if it can.</summary>
    public string? Fault { get; }

    /// <summary>When the head had arrived, by <see cref="Stopwatch"/>.</summary>
    public long HeadAt { get; }

    /// <summary>When the whole had arrived.</summary>
    public DateTimeOffset At { get; }

    /// <summary>When the answer was complete, or broken off, by <see cref="Stopwatch"/>; 0 before.</summary>
    public long EndedAt { get; set; }

    /// <summary>How the server deals with it.</summary>
    public Answer? Answer { get; set; }

    /// <summary>The events that the client may count as accepted by the answer that was given.</summary>
    public IReadOnlyList<string> Accepted { get; set; } = [];

    /// <summary>The time from the end of this request to the beginning of the next.</summary>
    public TimeSpan Until(Received next) => Stopwatch.GetElapsedTime(EndedAt, next.HeadAt);

    public override string ToString() =>
        $"{Head.Method} {Head.Target}: {Events.Count} events, {Body.Length} bytes{(Fault is null ? "" : ", " + Fault)} → {Answer?.ToString() ?? "no answer yet"}";

    private static byte[] Decompress(string? encoding, byte[] wire)
    {
        if (encoding is null)
            return wire;
        if (encoding != "gzip")
            throw new InvalidDataException($"Content-Encoding: {encoding}");
        using var body = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(wire), CompressionMode.Decompress);
        gzip.CopyTo(body);
        return body.ToArray();
    }

    private static List<ReceivedEvent> Split(byte[] body)
    {
        var events = new List<ReceivedEvent>();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEvents = reader.ValueTextEquals("events"u8);
            reader.Read();
            if (!isEvents)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var raw = body[start..(int)reader.BytesConsumed];
                using var json = JsonDocument.Parse(raw);
                var root = json.RootElement.Clone();
                var id = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("event_id", out var value) ? value.ToString() : "";
                events.Add(new(id, raw, root));
            }
        }

        return events;
    }
}
