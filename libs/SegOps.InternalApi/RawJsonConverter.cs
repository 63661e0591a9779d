using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegOps.InternalApi;

/// <summary>Writes a string of JSON without escaping. Only for JSON that is known to be valid, such as stored payloads.</summary>
public sealed class RawJsonConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are only written.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value, skipInputValidation: true);
}
