using System.Buffers;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Publishing;

/// <summary>The errors and warnings of one request, for the list of errors.</summary>
/// <param name="Metadata">The request.</param>
/// <param name="Errors">The errors of events or of the request.</param>
/// <param name="Samples">Samples of refused events, by their positions in <paramref name="Errors"/>.</param>
/// <param name="Warnings">Probable mistakes in accepted events.</param>
/// <param name="Trace">The request's span.</param>
internal sealed record Rejection(
    RequestMetadata Metadata,
    IReadOnlyList<ValidationError> Errors,
    IReadOnlyDictionary<int, byte[]> Samples,
    IReadOnlyList<WarningTotal> Warnings,
    ActivityContext Trace)
{
    /// <summary>The number of rows in the list of errors.</summary>
    public int Count => Errors.Count + Warnings.Count + Sums.Count;

    /// <summary>Events whose own rows are not stored: see <see cref="RejectionFold"/>.</summary>
    public IReadOnlyList<FoldedEvents> Sums { get; init; } = [];

    /// <summary>The valid ids of refused events, by their positions.</summary>
    private IReadOnlyDictionary<int, Guid> RejectedIds { get; init; } = ReadOnlyDictionary<int, Guid>.Empty;

    /// <summary>The ids of valid events that were refused because of a request error.</summary>
    private IReadOnlyList<Guid> ValidIds { get; init; } = [];

    /// <summary>The rejection of a whole request.</summary>
    public static Rejection Of(RequestMetadata metadata, RequestError error) =>
        new(metadata, [ErrorOf(error)], ReadOnlyDictionary<int, byte[]>.Empty, [], CurrentTrace);

    /// <summary>Sums, as of a request that was received with <paramref name="metadata"/>.</summary>
    public static Rejection Of(RequestMetadata metadata, IReadOnlyList<FoldedEvents> sums) =>
        new(metadata, [], ReadOnlyDictionary<int, byte[]>.Empty, [], default) { Sums = sums };

    /// <summary>The errors and warnings of <paramref name="parsed"/>; null if there are none.</summary>
    public static Rejection? Of(ParsedRequest parsed)
    {
        var warnings = parsed.Accepted > 0 ? parsed.WarningTotals : [];
        return parsed.Errors.Count + warnings.Count == 0 ? null : new(parsed.Metadata, parsed.Errors, parsed.Samples, warnings, CurrentTrace)
        {
            RejectedIds = parsed.RejectedIds,
        };
    }

    /// <summary>The errors of <paramref name="parsed"/>, and <paramref name="error"/> for all its valid events.</summary>
    public static Rejection Of(ParsedRequest parsed, RequestError error) =>
        new(parsed.Metadata, [.. parsed.Errors, ErrorOf(error)], parsed.Samples, [], CurrentTrace)
        {
            RejectedIds = parsed.RejectedIds,
            ValidIds = parsed.EventIds,
        };

    /// <summary>Writes the rows of the table <c>ingestion_errors</c>: <see cref="Count"/> JSON objects, one per line.</summary>
    public void WriteRows(IBufferWriter<byte> lines)
    {
        using var json = new Utf8JsonWriter(lines);
        for (var i = 0; i < Errors.Count; i++)
            WriteRow(json, lines, Severities.Error, Errors[i], occurrences: 1, Samples.GetValueOrDefault(i), EventIdsOf(Errors[i]));
        foreach (var total in Warnings)
        {
            var warning = new ValidationError(ValidationError.OfRequest, total.Field, total.Code, total.Message);
            WriteRow(json, lines, Severities.Warning, warning, total.Occurrences, total.Sample, eventIds: []);
        }

        WriteSums(json, lines);
    }

    private void WriteSums(Utf8JsonWriter json, IBufferWriter<byte> lines)
    {
        // Each stands for other events, so that it needs a place of its own.
        foreach (var (index, sum) in Sums.Index())
            WriteRow(json, lines, sum.Severity, new(ValidationError.OfRequest - index, "", sum.Code, FoldedEvents.Message), sum.Count, sample: null, eventIds: []);
    }

    private void WriteRow(
        Utf8JsonWriter json, IBufferWriter<byte> lines, string severity, ValidationError error, int occurrences, byte[]? sample,
        IReadOnlyList<Guid> eventIds)
    {
        json.WriteStartObject();
        json.WriteString(IngestionErrorColumns.ProjectId, Metadata.ProjectId);
        json.WriteString(IngestionErrorColumns.Environment, Metadata.Environment);
        json.WriteString(IngestionErrorColumns.ErrorId, Guid.CreateVersion7(Metadata.ReceivedAt));
        json.WriteString(IngestionErrorColumns.RequestId, Metadata.RequestId);
        json.WriteString(IngestionErrorColumns.ReceivedAt,
            Metadata.ReceivedAt.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture));
        json.WriteString(IngestionErrorColumns.Severity, severity);
        json.WriteString(IngestionErrorColumns.Code, error.Code);
        json.WriteString(IngestionErrorColumns.Field, error.Field);
        json.WriteString(IngestionErrorColumns.Message, error.Message);
        json.WriteNumber(IngestionErrorColumns.EventIndex, error.Index);
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

    private IReadOnlyList<Guid> EventIdsOf(ValidationError error) =>
        error.Index == ValidationError.OfRequest ? ValidIds : RejectedIds.TryGetValue(error.Index, out var id) ? [id] : [];

    private static ValidationError ErrorOf(RequestError error) => new(ValidationError.OfRequest, "", error.Code, error.Detail);

    private static ActivityContext CurrentTrace => Activity.Current?.Context ?? default;
}
