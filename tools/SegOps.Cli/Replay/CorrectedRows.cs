using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Warehouse;
using ZstdSharp;

namespace SegOps.Cli.Replay;

/// <summary>Reads rows to send for a dead letter and checks them against it. The fields that identify an event must not change.</summary>
internal static class CorrectedRows
{
    /// <summary>Maximum bytes of a message's rows. The ingestor takes no more.</summary>
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    /// <summary>Reads the rows of a message that is a dead letter as a whole. Null if it does not contain rows of the letter's project.</summary>
    public static IReadOnlyList<ReplayRow>? OfMessage(Letter letter, StreamTarget target)
    {
        try
        {
            using var unpacked = new DecompressionStream(new MemoryStream(letter.Raw.ToArray()), checkEndOfStream: true, leaveOpen: false);
            using var rows = new MemoryStream();
            var chunk = new byte[64 * 1024];
            for (int read; (read = unpacked.Read(chunk)) > 0;)
            {
                if (rows.Length + read > MaxMessageBytes)
                    return null;
                rows.Write(chunk, 0, read);
            }
            return Read(letter, target, rows.ToArray());
        }
        catch (Exception unreadable) when (unreadable is ZstdException or EndOfStreamException or ReplayException)
        {
            return null;
        }
    }

    /// <summary>Reads consecutive JSON objects. Line breaks within an object become spaces; all other bytes stay.</summary>
    /// <exception cref="ReplayException">The rows do not match the letter.</exception>
    public static IReadOnlyList<ReplayRow> Read(Letter letter, StreamTarget target, ReadOnlyMemory<byte> text)
    {
        var rows = Split(text);
        if (rows.Count == 0 || (letter.IsRow && rows.Count > 1))
            throw new ReplayException(letter.IsRow ? "The file must contain exactly one row: a JSON object." : "The file contains no row.");
        List<ReplayRow> corrected = [.. rows.Select(row => Checked(letter, target, row))];
        return corrected.DistinctBy(row => (row.Project, row.Environment)).Count() == 1
            ? corrected
            : throw new ReplayException("All corrected rows must have the same project and environment.");
    }

    private static ReplayRow Checked(Letter letter, StreamTarget target, ReadOnlyMemory<byte> bytes)
    {
        var row = ReplayRow.Read(target, bytes)
            ?? throw new ReplayException(
                $"The corrected row must contain {(target.IsOfProjects ? $"{EventColumns.ProjectId}, {EventColumns.Environment} and " : "")}{target.IdColumn}, a UUID.");
        using var corrected = JsonDocument.Parse(bytes);
        using var refused = letter.IsRow ? TryParse(letter.Raw) : null;
        string? Original(string property) => refused is null ? null : ReplayRow.Text(refused.RootElement, property);
        void RequireUnchanged(string property, params string?[] known)
        {
            var given = ReplayRow.Text(corrected.RootElement, property);
            var allowed = known.Where(value => !string.IsNullOrEmpty(value)).ToList();
            if (allowed.Count > 0 && !allowed.Contains(given))
                throw new ReplayException($"The corrected row must keep {property}: {string.Join(" or ", allowed.Distinct())}.");
        }

        RequireUnchanged(EventColumns.ProjectId, letter.Project);
        RequireUnchanged(EventColumns.Environment, letter.Environment);
        RequireUnchanged(target.IdColumn, letter.EventId?.ToString() ?? UuidOrNull(Original(target.IdColumn)));
        if (letter.IsRow)
        {
            RequireUnchanged(EventColumns.RequestId, Original(EventColumns.RequestId), letter.Attributes.GetValueOrDefault(MessageAttributes.RequestId));
            RequireUnchanged(EventColumns.ReceivedAt, Original(EventColumns.ReceivedAt), AsColumn(letter.Attributes.GetValueOrDefault(MessageAttributes.ReceivedAt)));
        }
        return row;
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text)
    {
        // A line break in JSON occurs only between tokens, where a space is equivalent.
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
                CultureInfo.InvariantCulture, $"The file is not valid JSON: error at byte {exception.BytePositionInLine}."));
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
