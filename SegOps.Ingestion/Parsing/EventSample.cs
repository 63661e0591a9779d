using System.Buffers;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Parsing;

/// <summary>
/// Shows an event without its values, so that developers see what their code sends: <c>{"userId":"string(8)","payload":"object(3)"}</c>. For each
/// field of the event itself it shows type and size: characters, members or items.
/// </summary>
internal static class EventSample
{
    /// <summary>Maximum number of fields shown; the others are counted.</summary>
    public const int MaxFields = 20;

    /// <summary>Maximum size of a sample, in bytes.</summary>
    public const int MaxBytes = 2048;

    /// <summary>Maximum bytes of a field: its name, type and size, and the count of the fields after it.</summary>
    private const int FieldRoom = EventFieldNames.MaxLength + 96;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The sample of the event <paramref name="text"/>: a JSON object in UTF-8.</summary>
    /// <param name="text">A valid JSON object.</param>
    public static byte[] Of(ReadOnlySpan<byte> text)
    {
        var fields = new OrderedDictionary<string, Field>(StringComparer.Ordinal);
        var others = 0;
        var name = new JsonText(EventFieldNames.MaxLength);
        var reader = new Utf8JsonReader(text, TrackParser.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var shown = Show(reader, name);
            reader.Read();
            if (fields.TryGetValue(shown, out var earlier))
            {
                earlier.Times++;
                reader.Skip();
            }
            else if (fields.Count < MaxFields)
            {
                fields.Add(shown, new Field { Shape = Describe(ref reader) });
            }
            else
            {
                others++;
                reader.Skip();
            }
        }

        return Write(fields, others);
    }

    /// <summary>Never throws, regardless of the escapes in the name.</summary>
    private static string Show(scoped in Utf8JsonReader reader, JsonText name)
    {
        var known = name.Decode(reader, out var decoded) == JsonTextResult.Valid ? EventFieldNames.Of(decoded) : EventField.None;
        if (known != EventField.None)
            return known.Name();
        Span<char> shown = stackalloc char[EventFieldNames.MaxLength];
        return shown[..EventFieldNames.Show(reader.ValueSpan, shown)].ToString();
    }

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => Sized("string", JsonText.CountScalars(reader)),
        JsonTokenType.Number => "number",
        JsonTokenType.True or JsonTokenType.False => "boolean",
        JsonTokenType.StartObject => Sized("object", CountMembers(ref reader)),
        JsonTokenType.StartArray => Sized("array", CountMembers(ref reader)),
        _ => "null",
    };

    private static string Sized(string type, int size) => string.Create(CultureInfo.InvariantCulture, $"{type}({size})");

    /// <summary>Reads the object or array to its end.</summary>
    private static int CountMembers(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        var count = 0;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            // In an object this token is a member's name. Skip skips its value, including nested values.
            count++;
            reader.Skip();
        }

        return count;
    }

    private static byte[] Write(OrderedDictionary<string, Field> fields, int others)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        foreach (var (name, field) in fields)
        {
            if (json.BytesCommitted + json.BytesPending + FieldRoom > MaxBytes)
                others += field.Times;
            else
                json.WriteString(name, field.Times == 1 ? field.Shape : string.Create(CultureInfo.InvariantCulture, $"{field.Shape}, {field.Times} times"));
        }

        if (others > 0)
            json.WriteString("…", string.Create(CultureInfo.InvariantCulture, $"{others} more"));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private sealed class Field
    {
        public required string Shape { get; init; }

        public int Times { get; set; } = 1;
    }
}

/// <summary>
/// Collects samples of refused events: one <see cref="EventSample"/> for each code and field, at most <see cref="MaxBytes"/> of one request.
/// Costs nothing while all events are valid.
/// </summary>
internal sealed class SampleCollector
{
    /// <summary>Maximum size of a request's samples: about 250 of typical events. 500 queued requests then use 16 MB.</summary>
    public const int MaxBytes = 32 * 1024;

    private HashSet<(string Code, string Field)>? _sampled;
    private Dictionary<int, byte[]>? _ofErrors;
    private int _bytes;

    /// <summary>The samples of errors, by their positions in the list of errors.</summary>
    public IReadOnlyDictionary<int, byte[]> OfErrors => (IReadOnlyDictionary<int, byte[]>?)_ofErrors ?? ReadOnlyDictionary<int, byte[]>.Empty;

    /// <summary>Samples an event for each error that is the first of its code and field.</summary>
    /// <param name="errors">All errors so far; the event's are the last.</param>
    /// <param name="first">Position of the event's first error.</param>
    /// <param name="text">The event's JSON text.</param>
    public void Add(List<ValidationError> errors, int first, ReadOnlySpan<byte> text)
    {
        byte[]? sample = null;
        _sampled ??= [];
        for (var i = first; i < errors.Count; i++)
        {
            if (!_sampled.Add((errors[i].Code, errors[i].Field)))
                continue;
            sample ??= Take(text);
            if (sample is not null)
                (_ofErrors ??= [])[i] = sample;
        }
    }

    /// <summary>The sample of the event <paramref name="text"/>; null if it is not an object, or if there is no more room.</summary>
    public byte[]? Take(ReadOnlySpan<byte> text)
    {
        if (_bytes >= MaxBytes || !text.StartsWith((byte)'{'))
            return null;
        var sample = EventSample.Of(text);
        _bytes += sample.Length;
        return sample;
    }
}
