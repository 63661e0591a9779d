using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Monitor;

/// <summary>Fills the tables with one project's events of a week, including duplicates and refusals.</summary>
internal static class StoredProject
{
    private const int Chunk = 200_000;
    private const double Seconds = 6.9 * 24 * 60 * 60;

    /// <summary>One of twenty events is stored twice, the second time ten minutes later. One refusal is stored for every twenty events.</summary>
    internal static async Task FillAsync(BenchWarehouse warehouse, string project, long events, Progress progress, CancellationToken cancellationToken)
    {
        for (long first = 0; first < events; first += Chunk)
        {
            var rows = Math.Min(Chunk, events - first);
            await warehouse.RunAsync(Events(project, first, rows, events, late: 0), cancellationToken);
            await warehouse.RunAsync(Events(project, first, rows / 20, events, late: 600), cancellationToken);
            await warehouse.RunAsync(Errors(project, first, rows / 20, events), cancellationToken);
            progress.Show($"Filling: {100 * (first + rows) / events} %");
        }
        await warehouse.RunAsync(Received(project), cancellationToken);
    }

    /// <summary>Ingestion's counts by minute.</summary>
    private static string Received(string project) => $"""
        INSERT INTO received (minute, report_id, counts)
        SELECT toStartOfMinute(received_at) AS at, generateUUIDv4(), [(any(project_id), any(environment), count(), 0)]
        FROM receipts
        WHERE project_id = '{project}'
        GROUP BY at
        """;

    private static string Events(string project, long first, long rows, long of, int late) => string.Create(CultureInfo.InvariantCulture, $$"""
        INSERT INTO events (project_id, environment, event_id, event_type, user_id, occurred_at, received_at, request_id, payload)
        SELECT '{{project}}', 'live', reinterpretAsUUID(sipHash128(n)), concat('type_', toString(intDiv((cityHash64(n, 1) % 100) * (cityHash64(n, 2) % 100), 100))),
            concat('user-', toString(cityHash64(n, 3) % {{Math.Max(1, of / 20)}})), at, at + toIntervalSecond({{late}}), generateUUIDv4(),
            '{"order_id":"ord-456","total":89.95,"currency":"USD","path":"/pricing","plan":"starter"}'
        FROM ({{Numbers(first, rows, of)}})
        """);

    private static string Errors(string project, long first, long rows, long of) => string.Create(CultureInfo.InvariantCulture, $$"""
        INSERT INTO ingestion_errors (project_id, environment, error_id, request_id, received_at, severity, code, field, message, event_index, occurrences)
        SELECT '{{project}}', 'live', generateUUIDv4(), generateUUIDv4(), at, if(n % 3 = 0, 'warning', 'error'),
            ['required', 'wrong_type', 'too_long', 'unknown_field'][1 + n % 4], ['user_id', 'event_type', 'occurred_at', 'payload'][1 + intDiv(n, 4) % 4],
            'The field is invalid.', 0, 1
        FROM ({{Numbers(first, rows, of)}})
        """);

    private static string Numbers(long first, long rows, long of) => string.Create(CultureInfo.InvariantCulture,
        $"SELECT {first} + number AS n, now64(6) - toIntervalMillisecond(toInt64(({of} - n) * {1000 * Seconds / of:F6})) AS at FROM numbers({rows})");
}
