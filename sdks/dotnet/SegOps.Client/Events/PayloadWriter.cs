using System.Collections;
#if NET8_0_OR_GREATER
using System.Diagnostics.CodeAnalysis;
#endif
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace SegOps.Client.Events;

/// <summary>
/// Writes payloads. Dictionaries, lists, JSON nodes and plain values are written here, without reflection; everything else by the contract
/// that the options have for its type.
/// </summary>
internal sealed class PayloadWriter(JsonSerializerOptions? options)
{
    private readonly JsonSerializerOptions _options = WithContracts(options ?? new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <exception cref="NotSupportedException">A value has a type without a contract.</exception>
    public void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case double number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case float number: writer.WriteNumberValue(number); break;
            case uint number: writer.WriteNumberValue(number); break;
            case ulong number: writer.WriteNumberValue(number); break;
            case short or ushort or byte or sbyte: writer.WriteNumberValue(Convert.ToInt32(value, null)); break;
            case DateTimeOffset time: writer.WriteStringValue(time); break;
            case DateTime time: writer.WriteStringValue(time); break;
            case Guid id: writer.WriteStringValue(id); break;
            case Uri uri: writer.WriteStringValue(uri.OriginalString); break;
            case JsonElement element: element.WriteTo(writer); break;
            case JsonDocument document: document.WriteTo(writer); break;
            case JsonNode node: node.WriteTo(writer); break;
            case IEnumerable<KeyValuePair<string, object?>> members: WriteMembers(writer, members); break;
            case IEnumerable<KeyValuePair<string, string>> members: WriteMembers(writer, members); break;
            case object?[] or List<object?> or IEnumerable<string>: WriteItems(writer, (IEnumerable)value); break;
            default: JsonSerializer.Serialize(writer, value, _options.GetTypeInfo(value.GetType())); break;
        }
    }

    private void WriteMembers<TValue>(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, TValue>> members)
    {
        writer.WriteStartObject();
        foreach (var member in members)
        {
            writer.WritePropertyName(member.Key);
            Write(writer, member.Value);
        }

        writer.WriteEndObject();
    }

    private void WriteItems(Utf8JsonWriter writer, IEnumerable items)
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            Write(writer, item);
        }

        writer.WriteEndArray();
    }

#if NET8_0_OR_GREATER
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only where reflection is enabled, which trimming disables.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only where reflection is enabled, which native AOT disables.")]
#endif
    private static JsonSerializerOptions WithContracts(JsonSerializerOptions options) => options.TypeInfoResolver is not null
        ? options
        : new(options)
        {
            TypeInfoResolver = JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : JsonTypeInfoResolver.Combine(),
        };
}
