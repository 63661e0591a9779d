using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>Rows that a person corrected, checked against their dead letter: what identifies an event must not change.</summary>
internal static class CorrectedRows
{
    /// <summary>Reads JSON objects, one after the other. Each becomes one line; all other bytes stay.</summary>
    /// <exception cref="ReplayException">The rows do not fit the letter. The message says why.</exception>
    public static IReadOnlyList<ReplayRow> Read(Letter letter, StreamTarget target, ReadOnlyMemory<byte> text)
    {
        var rows = Split(text);
        if (rows.Count == 0 || (letter.IsRow && rows.Count > 1))
            throw new ReplayException(letter.IsRow ? "The file must hold exactly one row: a JSON object." : "The file holds no row.");
        List<ReplayRow> corrected = [.. rows.Select(row => Checked(letter, target, row))];
        return corrected.DistinctBy(row => (row.Project, row.Environment)).Count() == 1
            ? corrected
            : throw new ReplayException("The corrected rows must all be of one project and environment.");
    }

    private static ReplayRow Checked(Letter letter, StreamTarget target, ReadOnlyMemory<byte> bytes)
    {
        var row = ReplayRow.Read(target, bytes)
            ?? throw new ReplayException($"The corrected row must give {EventColumns.ProjectId}, {EventColumns.Environment} and {target.IdColumn}, a UUID.");
        using var corrected = JsonDocument.Parse(bytes);
        using var refused = letter.IsRow ? TryParse(letter.Raw) : null;
        string? Before(string property) => refused is null ? null : ReplayRow.Text(refused.RootElement, property);
        void Keeps(string property, params string?[] known)
        {
            var given = ReplayRow.Text(corrected.RootElement, property);
            var allowed = known.Where(value => !string.IsNullOrEmpty(value)).ToList();
            if (allowed.Count > 0 && !allowed.Contains(given))
                throw new ReplayException($"The corrected row must keep {property}: {string.Join(" or ", allowed.Distinct())}.");
        }

        Keeps(EventColumns.ProjectId, letter.Project);
        Keeps(EventColumns.Environment, letter.Environment);
        Keeps(target.IdColumn, letter.EventId?.ToString() ?? UuidOrNull(Before(target.IdColumn)));
        if (letter.IsRow)
        {
            Keeps(EventColumns.RequestId, Before(EventColumns.RequestId), letter.Attributes.GetValueOrDefault(MessageAttributes.RequestId));
            Keeps(EventColumns.ReceivedAt, Before(EventColumns.ReceivedAt), AsColumn(letter.Attributes.GetValueOrDefault(MessageAttributes.ReceivedAt)));
        }
        return row;
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text)
    {
        // In JSON a line break stands only between tokens, where a space means the same.
        var oneLine = text.ToArray();
        oneLine.AsSpan().Replace((byte)'\n', (byte)' ');
        oneLine.AsSpan().Replace((byte)'\r', (byte)' ');
        List<ReadOnlyMemory<byte>> rows = [];
        try
        {
            var reader = new Utf8JsonReader(oneLine, new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                rows.Add(oneLine.AsMemory(start, (int)reader.BytesConsumed - start));
            }
        }
        catch (JsonException exception)
        {
            throw new ReplayException(string.Create(
                CultureInfo.InvariantCulture, $"The file is not JSON: see byte {exception.BytePositionInLine} of it, line breaks counted."));
        }
        return rows;
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? UuidOrNull(string? text) => Guid.TryParseExact(text, "D", out var id) && id != Guid.Empty ? text : null;

    private static string? AsColumn(string? time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.UtcDateTime.ToString(EventColumns.TimestampFormat, CultureInfo.InvariantCulture) : null;
}
