using System.Net.Http.Json;
using System.Text.Json;
using SegOps.Bench.Reporting;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Chaos;

/// <summary>One project's events as its clients, ClickHouse and Monitoring count them.</summary>
internal sealed record Comparison
{
    internal required string Project { get; init; }

    /// <summary>Events named by a 202.</summary>
    internal required int Accepted { get; init; }

    /// <summary>Distinct events in ClickHouse.</summary>
    internal required int Stored { get; init; }

    /// <summary>Rows in ClickHouse, including duplicates that are not merged yet.</summary>
    internal required long Rows { get; init; }

    /// <summary>Events named by a 202 that are not in ClickHouse. Must be empty.</summary>
    internal required IReadOnlyList<Guid> Lost { get; init; }

    /// <summary>Sent events in dead_letters. Must be 0, because every accepted event is valid.</summary>
    internal required int DeadLettered { get; init; }

    /// <summary>Events with a client time that FINAL returns more than once. Must be 0.</summary>
    internal required int Twice { get; init; }

    /// <summary>Accepted events by Monitoring's count. Must equal <see cref="Stored"/>.</summary>
    internal required long Counted { get; init; }

    /// <summary>Accepted events that Monitoring's ledger reports as in flight or missing. Must be 0 in the end.</summary>
    internal required long Open { get; init; }

    /// <summary>Events refused by an answer, and how many of them are stored. The latter must be 0.</summary>
    internal required (int All, int Stored) Refused { get; init; }

    /// <summary>Errors in ingestion_errors: at most one for each refused event and request. Fewer if errors could not be stored.</summary>
    internal required long Errors { get; init; }

    /// <summary>Events without a conclusive answer, and how many of them are stored. Any number is correct.</summary>
    internal required (int All, int Stored) Unanswered { get; init; }

    /// <summary>Events in ClickHouse that were never sent. Must be 0.</summary>
    internal required int Unknown { get; init; }

    /// <summary>Whether no event is lost, duplicated or unknown, and Monitoring's counts agree.</summary>
    internal bool Holds => Lost.Count + DeadLettered + Twice + Refused.Stored + Unknown == 0 && Counted == Stored && Open == 0;

    /// <summary>Compares the present state. Events in flight count as lost.</summary>
    internal static async Task<Comparison> OfAsync(SentEvents sent, BenchWarehouse warehouse, HttpClient monitoring, CancellationToken cancellationToken)
    {
        var project = $"project_id = '{sent.Key.ProjectId}' AND environment = '{sent.Environment}'";
        var rows = await warehouse.IdsAsync($"SELECT event_id, count() FROM events FINAL WHERE {project} GROUP BY event_id", cancellationToken);
        var dead = await warehouse.IdsAsync(
            $"SELECT assumeNotNull(event_id), count() FROM dead_letters FINAL WHERE {project} AND source_table = 'events' GROUP BY event_id", cancellationToken);
        return new Comparison
        {
            Project = $"{sent.Key.ProjectId} {sent.Environment}",
            Accepted = sent.With(Outcome.Accepted).Count(),
            Stored = rows.Count,
            Rows = await warehouse.RunAsync($"SELECT count() FROM events WHERE {project}", cancellationToken),
            Lost = [.. sent.With(Outcome.Accepted).Where(id => !rows.ContainsKey(id))],
            DeadLettered = dead.Count,
            Twice = rows.Count(row => row.Value > 1 && TrackRequest.HasTime(row.Key)),
            Counted = await FigureAsync(sent, monitoring, "volume?window=24h", volume => volume.GetProperty("accepted").GetInt64(), cancellationToken),
            Open = await FigureAsync(sent, monitoring, "ledger?window=24h", UnresolvedIn, cancellationToken),
            Refused = (sent.With(Outcome.Refused).Count(), StoredOf(Outcome.Refused)),
            Errors = await warehouse.RunAsync($"SELECT uniqExact(error_id) FROM ingestion_errors WHERE {project} AND severity = 'error'", cancellationToken),
            Unanswered = (sent.With(Outcome.Unanswered).Count(), StoredOf(Outcome.Unanswered)),
            Unknown = StoredOf(null),
        };

        int StoredOf(Outcome? outcome) => rows.Keys.Count(id => sent.OutcomeOf(id) == outcome);
    }

    internal static Table Report(IEnumerable<Comparison> comparisons)
    {
        var table = new Table(
            "project", "accepted", "stored", "lost", "twice", "counted by Monitoring", "open in the ledger", "rows", "refused", "of them stored", "in ingestion_errors",
            "dead letters", "unanswered", "of them stored", "never sent");
        foreach (var of in comparisons)
            table.Add(
                of.Project, $"{of.Accepted}", $"{of.Stored}", $"{of.Lost.Count}", $"{of.Twice}", $"{of.Counted}", $"{of.Open}", $"{of.Rows}", $"{of.Refused.All}",
                $"{of.Refused.Stored}", $"{of.Errors}", $"{of.DeadLettered}", $"{of.Unanswered.All}", $"{of.Unanswered.Stored}", $"{of.Unknown}");
        return table;
    }

    private static long UnresolvedIn(JsonElement ledger)
    {
        var totals = ledger.GetProperty("totals");
        return totals.GetProperty("in_flight").GetInt64() + totals.GetProperty("missing").GetInt64();
    }

    /// <returns>-1 if Monitoring does not answer.</returns>
    private static async Task<long> FigureAsync(
        SentEvents sent, HttpClient monitoring, string path, Func<JsonElement, long> figure, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/monitoring/" + path);
        request.Headers.Add("Authorization", "ApiKey " + sent.Key.Key);
        try
        {
            using var response = await monitoring.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
            return figure(await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken));
        }
        catch (HttpRequestException)
        {
            return -1;
        }
    }
}
