using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Requests;

namespace SegOps.Tests.Unit.Ingestion;

/// <summary>Parses bodies as the endpoints do, at a fixed time.</summary>
internal static class Parse
{
    public static readonly RequestMetadata Metadata = new(
        "proj \"1\"", Environments.Live, Guid.Parse("0190163d-8694-739b-aea5-966c26f8ad91"),
        new DateTimeOffset(2025, 6, 15, 12, 30, 45, 123, 456, TimeSpan.Zero));

    public static Outcome Single(string json) => Body(Encoding.UTF8.GetBytes(json), isBatch: false);

    public static Outcome Batch(string json) => Body(Encoding.UTF8.GetBytes(json), isBatch: true);

    public static Outcome Events(params string[] events) => Batch($$"""{"events":[{{string.Join(',', events)}}]}""");

    public static Outcome Body(ReadOnlySpan<byte> body, bool isBatch)
    {
        var (request, error) = TrackParser.Parse(body, Metadata, isBatch);
        using var parsed = request;
        if (parsed is null)
            return new(error, 0, 0, [], [], [], [], []) { Samples = new Dictionary<int, string>() };
        var rows = Encoding.UTF8.GetString(parsed.Rows).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new(error, parsed.Accepted, parsed.Rejected, parsed.Errors, parsed.Warnings, parsed.WarningTotals, parsed.EventIds, rows)
        {
            HasLateEvents = parsed.HasLateEvents,
            Samples = parsed.Samples.ToDictionary(sample => sample.Key, sample => Encoding.UTF8.GetString(sample.Value)),
        };
    }

    /// <summary>A valid event with the given fields put into it, or in place of its own.</summary>
    public static string Event(string? userId = "\"u\"", string? eventType = "\"page_viewed\"", string more = "") => "{" + string.Join(',',
        new[] { userId is null ? null : $"\"user_id\":{userId}", eventType is null ? null : $"\"event_type\":{eventType}", more }
            .Where(part => !string.IsNullOrEmpty(part))) + "}";
}

internal sealed record Outcome(
    RequestError? Error,
    int Accepted,
    int Rejected,
    IReadOnlyList<ValidationError> Errors,
    IReadOnlyList<EventWarning> Warnings,
    IReadOnlyList<WarningTotal> Totals,
    IReadOnlyList<Guid> EventIds,
    string[] RowTexts)
{
    public bool HasLateEvents { get; init; }

    /// <summary>The samples of errors, by the error's position.</summary>
    public required IReadOnlyDictionary<int, string> Samples { get; init; }

    public IReadOnlyList<JsonElement> Rows => [.. RowTexts.Select(row => JsonElement.Parse(row))];

    public string? Text(string column) => Assert.Single(Rows).GetProperty(column).GetString();

    /// <summary>Field and code of the only error.</summary>
    public (string Field, string Code) OnlyError => (Assert.Single(Errors).Field, Errors[0].Code);

    public IEnumerable<(string Field, string Code)> CodesOfErrors => Errors.Select(error => (error.Field, error.Code));

    public IEnumerable<(string Field, string Code)> WarningCodes => Warnings.Select(warning => (warning.Field, warning.Code));
}
