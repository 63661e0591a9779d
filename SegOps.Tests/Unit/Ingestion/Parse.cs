using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Track;

namespace SegOps.Tests.Unit.Ingestion;

/// <summary>Parses bodies as the endpoints do, at a fixed time.</summary>
internal static class Parse
{
    public static readonly RequestStamp Stamp = new(
        "proj \"1\"", Environments.Live, Guid.Parse("0190163d-8694-739b-aea5-966c26f8ad91"),
        new DateTimeOffset(2025, 6, 15, 12, 30, 45, 123, 456, TimeSpan.Zero));

    public static Outcome Single(string json) => Body(Encoding.UTF8.GetBytes(json), isBatch: false);

    public static Outcome Batch(string json) => Body(Encoding.UTF8.GetBytes(json), isBatch: true);

    public static Outcome Events(params string[] events) => Batch($$"""{"events":[{{string.Join(',', events)}}]}""");

    public static Outcome Body(ReadOnlySpan<byte> body, bool isBatch)
    {
        using var parsed = TrackParser.Parse(body, Stamp, isBatch);
        var rows = Encoding.UTF8.GetString(parsed.Rows.Rows).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new(
            parsed.Refusal, parsed.Accepted, parsed.Rejected, parsed.Faults, parsed.Warnings.Listed, [.. parsed.Warnings.Totals], parsed.EventIds, rows)
        {
            Samples = parsed.Samples.OfFaults.ToDictionary(sample => sample.Key, sample => Encoding.UTF8.GetString(sample.Value)),
        };
    }

    /// <summary>A valid event with the given fields put into it, or in place of its own.</summary>
    public static string Event(string? userId = "\"u\"", string? eventType = "\"page_viewed\"", string more = "") => "{" + string.Join(',',
        new[] { userId is null ? null : $"\"user_id\":{userId}", eventType is null ? null : $"\"event_type\":{eventType}", more }
            .Where(part => !string.IsNullOrEmpty(part))) + "}";
}

internal sealed record Outcome(
    TrackRefusal? Refusal,
    int Accepted,
    int Rejected,
    IReadOnlyList<EventFault> Faults,
    IReadOnlyList<TrackWarning> Warnings,
    IReadOnlyList<WarningTotal> Totals,
    IReadOnlyList<Guid> EventIds,
    string[] RowTexts)
{
    /// <summary>The samples of faults, by the fault's place.</summary>
    public required IReadOnlyDictionary<int, string> Samples { get; init; }

    public IReadOnlyList<JsonElement> Rows => [.. RowTexts.Select(row => JsonElement.Parse(row))];

    public string? Text(string column) => Assert.Single(Rows).GetProperty(column).GetString();

    /// <summary>Field and code of the only fault.</summary>
    public (string Field, string Code) Fault => (Assert.Single(Faults).Field, Faults[0].Code);

    public IEnumerable<(string Field, string Code)> FaultCodes => Faults.Select(fault => (fault.Field, fault.Code));

    public IEnumerable<(string Field, string Code)> WarningCodes => Warnings.Select(warning => (warning.Field, warning.Code));
}
