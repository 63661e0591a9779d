using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegOps.Monitoring.Http;

/// <summary>Writes a string that holds JSON as that JSON, byte for byte: Ingestion stores neither a payload nor a sample that is not valid.</summary>
internal sealed class RawJsonConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are only written.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value, skipInputValidation: true);
}
