using System.Net.Http.Json;
using System.Text.Json;
using SegOps.Bench.Reporting;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Chaos;

/// <summary>One project's events as its clients know them, beside what ClickHouse holds and Monitoring tells.</summary>
internal sealed record Comparison
{
    internal required string Project { get; init; }

    /// <summary>Named by a 202.</summary>
    internal required int Accepted { get; init; }

    /// <summary>In ClickHouse, each counted once.</summary>
    internal required int Stored { get; init; }

    /// <summary>Rows in ClickHouse, as many as merges have left: what went twice through the system.</summary>
    internal required long Rows { get; init; }

    /// <summary>Named by a 202 and not in ClickHouse: none may be.</summary>
    internal required IReadOnlyList<Guid> Lost { get; init; }

    /// <summary>In dead_letters, of all those sent: none may be, for every event accepted is valid.</summary>
    internal required int DeadLettered { get; init; }

    /// <summary>Of the events that have a time of their own, those that FINAL gives more than once: none may be.</summary>
    internal required int Twice { get; init; }

    /// <summary>Accepted events as Monitoring counts them: as many as are stored.</summary>
    internal required long Counted { get; init; }

    /// <summary>Accepted events, by Ingestion's own count, that Monitoring's ledger takes to be in flight or missing: none may be in the end.</summary>
    internal required long Open { get; init; }

    /// <summary>Refused by an answer, and how many of them are stored nevertheless: none may be.</summary>
    internal required (int All, int Stored) Refused { get; init; }

    /// <summary>Faults in ingestion_errors: at most one for each refused event and request, less where the list of errors could not be reached.</summary>
    internal required long Errors { get; init; }

    /// <summary>Without an answer that tells, and how many of them are stored: any number may be.</summary>
    internal required (int All, int Stored) Unanswered { get; init; }

    /// <summary>In ClickHouse and never sent: none may be.</summary>
    internal required int Unknown { get; init; }

    /// <summary>Whether nothing was lost, nothing counts twice and everything else is accounted for.</summary>
    internal bool Holds => Lost.Count + DeadLettered + Twice + Refused.Stored + Unknown == 0 && Counted == Stored && Open == 0;

    /// <summary>Compares now; what is still on its way counts as lost.</summary>
    internal static async Task<Comparison> OfAsync(SentEvents sent, Warehouse warehouse, HttpClient monitoring, CancellationToken cancellationToken)
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
            Counted = await AskAsync(sent, monitoring, "volume?window=24h", volume => volume.GetProperty("accepted").GetInt64(), cancellationToken),
            Open = await AskAsync(sent, monitoring, "ledger?window=24h", OpenIn, cancellationToken),
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

    private static long OpenIn(JsonElement ledger)
    {
        var totals = ledger.GetProperty("totals");
        return totals.GetProperty("in_flight").GetInt64() + totals.GetProperty("missing").GetInt64();
    }

    /// <returns>-1 when Monitoring does not answer.</returns>
    private static async Task<long> AskAsync(
        SentEvents sent, HttpClient monitoring, string question, Func<JsonElement, long> figure, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/monitoring/" + question);
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
