using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SegOps.Contracts;
using SegOps.Ingestor.Streaming;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Writing;

/// <summary>A row of the table <c>dead_letters</c>: a row or message that could not be stored, with its reason.</summary>
internal sealed record DeadLetter
{
    /// <summary>Name of the table.</summary>
    public const string Table = "dead_letters";

    /// <summary>The columns of a dead letter.</summary>
    public static readonly IReadOnlyList<string> Columns =
        [.. DeadLetterJson.Default.DeadLetter.Properties.Select(property => property.Name)];

    public required string ProjectId { get; init; }

    public required string Environment { get; init; }

    /// <summary>Equal for each delivery of the message, so that readers count it once.</summary>
    public required Guid DeadLetterId { get; init; }

    public required string SourceTable { get; init; }

    public Guid? EventId { get; init; }

    public required string Code { get; init; }

    public required string Message { get; init; }

    /// <summary>The row, or the message's data as received; in base64, because both can be binary.</summary>
    public required ReadOnlyMemory<byte> RawBase64 { get; init; }

    public required string MessageId { get; init; }

    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    public required string FirstSeen { get; init; }

    /// <summary>A message that cannot be read.</summary>
    public static DeadLetter OfMessage(string table, Delivery delivery, Fault fault, DateTimeOffset now) =>
        Of(table, delivery, fault, now, delivery.Message.Data);

    /// <summary>A row that ClickHouse refuses.</summary>
    public static DeadLetter OfRow(string table, Delivery delivery, ReadOnlyMemory<byte> row, Fault fault, DateTimeOffset now) =>
        Of(table, delivery, fault, now, row) with { EventId = EventIdOf(row) };

    private static DeadLetter Of(string table, Delivery delivery, Fault fault, DateTimeOffset now, ReadOnlyMemory<byte> raw)
    {
        return new DeadLetter
        {
            ProjectId = delivery.Attribute(MessageAttributes.Project),
            Environment = delivery.Attribute(MessageAttributes.Environment),
            DeadLetterId = IdOf(delivery.Message.MessageId, raw),
            SourceTable = table,
            Code = fault.Code,
            Message = fault.Message,
            RawBase64 = raw,
            MessageId = delivery.Message.MessageId,
            Attributes = delivery.Message.Attributes,
            FirstSeen = now.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture),
        };
    }

    private static Guid IdOf(string messageId, ReadOnlyMemory<byte> raw)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(messageId));
        hash.AppendData([0]);
        hash.AppendData(raw.Span);
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static Guid? EventIdOf(ReadOnlyMemory<byte> row)
    {
        try
        {
            using var document = JsonDocument.Parse(row);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(EventColumns.EventId, out var id)
                && id.ValueKind == JsonValueKind.String
                && id.TryGetGuid(out var known) ? known : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DeadLetter))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
