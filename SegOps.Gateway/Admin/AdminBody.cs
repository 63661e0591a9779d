using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Gateway.Admin;

/// <summary>A strictly parsed small JSON object. One answer reports all its errors, including unknown fields.</summary>
internal sealed class AdminBody
{
    private const int MaxBytes = 65_536;
    private readonly Dictionary<string, JsonElement> _fields = [];
    private readonly List<string> _faults = [];

    /// <summary>Reads the body. An empty body is an empty object.</summary>
    /// <exception cref="AdminFault">The body is too large or not a JSON object.</exception>
    internal static async Task<AdminBody> ReadAsync(HttpContext context)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[4096];
        for (int read; (read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0;)
        {
            if (buffer.Length + read > MaxBytes)
                throw new AdminFault(ErrorCodes.BodyTooLarge, "The body must not exceed 65,536 bytes.");
            buffer.Write(chunk, 0, read);
        }

        var body = new AdminBody();
        if (buffer.Length > 0)
            body.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return body;
    }

    internal bool Has(string field) => _fields.ContainsKey(field);

    /// <summary>Reads a string of 1 to <paramref name="max"/> characters without control characters; null if absent.</summary>
    internal string? TakeText(string field, int max = 128)
    {
        if (!_fields.Remove(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Length <= max && !text.Any(char.IsControl))
            return text;
        _faults.Add($"{field} must be a string of 1 to {max} characters, without control characters.");
        return null;
    }

    /// <summary>Reads one of <paramref name="choices"/>; null if absent.</summary>
    internal string? TakeChoice(string field, IReadOnlyList<string> choices)
    {
        if (!_fields.Remove(field, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && choices.Contains(value.GetString()))
            return value.GetString();
        _faults.Add($"{field} must be one of {string.Join(", ", choices)}.");
        return null;
    }

    /// <summary>Reads an integer from <paramref name="min"/> to <paramref name="max"/>; null if absent or null.</summary>
    internal long? TakeNumber(string field, long min, long max)
    {
        if (!_fields.Remove(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        _faults.Add($"{field} must be a whole number from {min} to {max}.");
        return null;
    }

    /// <summary>Reads a list of at most <paramref name="max"/> strings; null if absent, null or empty.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="max">The maximum number of strings.</param>
    /// <param name="convert">Converts a string to the form to store; null if it is invalid.</param>
    /// <param name="form">What a string must be, for the error.</param>
    internal IReadOnlyList<string>? TakeTexts(string field, int max, Func<string, string?> convert, string form)
    {
        if (!_fields.Remove(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > max)
        {
            _faults.Add($"{field} must be a list of at most {max} strings.");
            return null;
        }

        var texts = value.EnumerateArray().Select(text => text.ValueKind == JsonValueKind.String ? convert(text.GetString()!) : null).ToList();
        for (var i = 0; i < texts.Count; i++)
            Require(texts[i] is not null, $"{field}[{i}] must be {form}.");
        return texts.Count == 0 ? null : [.. texts.OfType<string>().Distinct()];
    }

    /// <summary>Adds <paramref name="fault"/> if <paramref name="holds"/> is false.</summary>
    internal void Require(bool holds, string fault)
    {
        if (!holds)
            _faults.Add(fault);
    }

    /// <summary>Verifies that there were no errors.</summary>
    /// <exception cref="AdminFault">A field is invalid or unknown.</exception>
    internal void End()
    {
        _faults.AddRange(_fields.Keys.Select(name => $"{(name.Length > 64 ? name[..64] : name)} is not a field of this request."));
        if (_faults.Count > 0)
            throw new AdminFault(ErrorCodes.InvalidParameter, string.Join(" ", _faults));
    }

    private void Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new AdminFault(ErrorCodes.InvalidParameter, "The body must be a JSON object.");
            foreach (var field in document.RootElement.EnumerateObject())
            {
                Require(_fields.TryAdd(field.Name, field.Value.Clone()), "A field is there more than once.");
                foreach (var value in field.Value.ValueKind == JsonValueKind.Array ? [.. field.Value.EnumerateArray()] : (JsonElement[])[field.Value])
                    if (value.ValueKind == JsonValueKind.String)
                        _ = value.GetString(); // Throws on an unpaired surrogate.
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new AdminFault(ErrorCodes.InvalidParameter, "The body is not JSON.");
        }
    }
}
