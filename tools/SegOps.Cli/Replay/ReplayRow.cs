using System.Text.Json;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>A row to publish again, with the values that identify it.</summary>
/// <param name="Project">Its project. Empty if it is of many: <see cref="StreamTarget.IsOfProjects"/>.</param>
/// <param name="Environment">Its environment, or empty.</param>
/// <param name="Id">Its <see cref="StreamTarget.IdColumn"/>.</param>
/// <param name="Bytes">One JSON object and a line feed.</param>
internal sealed record ReplayRow(string Project, string Environment, Guid Id, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Reads a row. Null if it is not a JSON object with an id, and with a project and an environment if rows of the table have them.</summary>
    public static ReplayRow? Read(StreamTarget target, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var row = document.RootElement;
            var (project, environment) = target.IsOfProjects ? (Text(row, EventColumns.ProjectId), Text(row, EventColumns.Environment)) : ("", "");
            return project is not null && environment is not null && (!target.IsOfProjects || (project.Length > 0 && environment.Length > 0))
                && Guid.TryParseExact(Text(row, target.IdColumn), "D", out var id)
                && id != Guid.Empty ? new ReplayRow(project, environment, id, WithLineFeed(bytes)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Returns a string property. Null if <paramref name="row"/> is not an object or has no such string.</summary>
    public static string? Text(JsonElement row, string property) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    /// <summary>Compares references, because the bytes are not compared.</summary>
    public bool Equals(ReplayRow? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id.GetHashCode();

    private static ReadOnlyMemory<byte> WithLineFeed(ReadOnlyMemory<byte> bytes) => bytes.Span[^1] == '\n' ? bytes : (byte[])[.. bytes.Span, (byte)'\n'];
}

/// <summary>A dead letter and its rows to publish.</summary>
internal sealed record ReplayItem(Letter Letter, StreamTarget Target, IReadOnlyList<ReplayRow> Rows)
{
    /// <summary>Whether all its rows are among <paramref name="stored"/>.</summary>
    public bool IsWithin(HashSet<Guid> stored) => Rows.All(row => stored.Contains(row.Id));
}
