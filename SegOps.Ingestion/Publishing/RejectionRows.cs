using System.Buffers;
using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Track;

namespace SegOps.Ingestion.Publishing;

/// <summary>Writes a rejection as the rows of the table <c>ingestion_errors</c>, one JSON object a line.</summary>
internal static class RejectionRows
{
    /// <summary>Writes all rows of <paramref name="rejection"/>.</summary>
    /// <returns>How many rows they are.</returns>
    public static int Write(Rejection rejection, IBufferWriter<byte> lines)
    {
        using var json = new Utf8JsonWriter(lines);
        for (var i = 0; i < rejection.Faults.Count; i++)
        {
            var fault = rejection.Faults[i];
            WriteRow(
                json, lines, rejection.Stamp, Severities.Error, fault, occurrences: 1, rejection.Samples.GetValueOrDefault(i), rejection.EventIdsOf(fault));
        }
        foreach (var total in rejection.Warnings)
        {
            var warning = new EventFault(EventFault.OfRequest, total.Field, total.Code, total.Message);
            WriteRow(json, lines, rejection.Stamp, Severities.Warning, warning, total.Occurrences, total.Sample, eventIds: []);
        }

        return rejection.Faults.Count + rejection.Warnings.Count;
    }

    private static void WriteRow(
        Utf8JsonWriter json, IBufferWriter<byte> lines, RequestStamp stamp, string severity, EventFault fault, int occurrences, byte[]? sample,
        IReadOnlyList<Guid> eventIds)
    {
        json.WriteStartObject();
        json.WriteString(IngestionErrorColumns.ProjectId, stamp.ProjectId);
        json.WriteString(IngestionErrorColumns.Environment, stamp.Environment);
        json.WriteString(IngestionErrorColumns.ErrorId, Guid.CreateVersion7(stamp.ReceivedAt));
        json.WriteString(IngestionErrorColumns.RequestId, stamp.RequestId);
        json.WriteString(IngestionErrorColumns.ReceivedAt,
            stamp.ReceivedAt.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture));
        json.WriteString(IngestionErrorColumns.Severity, severity);
        json.WriteString(IngestionErrorColumns.Code, fault.Code);
        json.WriteString(IngestionErrorColumns.Field, fault.Field);
        json.WriteString(IngestionErrorColumns.Message, fault.Message);
        json.WriteNumber(IngestionErrorColumns.EventIndex, fault.Index);
        json.WriteNumber(IngestionErrorColumns.Occurrences, occurrences);
        json.WriteString(IngestionErrorColumns.Sample, sample);
        json.WriteStartArray(IngestionErrorColumns.EventIds);
        foreach (var id in eventIds)
            json.WriteStringValue(id);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        lines.Write("\n"u8);
        json.Reset();
    }
}
