using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Segments;

/// <summary>
/// Fills the tables with one project's users and ten events of each: an identify, three orders of the last 30 days, and sessions and page views of 90 days. One of
/// a hundred orders is stored twice.
/// </summary>
internal static class StoredUsers
{
    /// <summary>The project.</summary>
    internal const string Project = "prj_segments";

    private const int Chunk = 500_000;

    internal static async Task FillAsync(BenchWarehouse warehouse, long users, DateTimeOffset now, Progress progress, CancellationToken cancellationToken)
    {
        (string Type, long Events, int Days, string User, string Payload, int Late)[] kinds =
        [
            ("context_identified", users, 60, "n", """concat('{"plan":"', ['free', 'starter', 'pro', 'enterprise'][1 + n % 4], '","email":"user-', toString(n), '@example.com","age":', toString(n % 80), '}')""", 0),
            ("order_placed", 3 * users, 30, $"cityHash64(n, 1) % {users}", Order, 0),
            ("order_placed", 3 * users / 100, 30, $"cityHash64(n, 1) % {users}", Order, 3600),
            ("session_started", 4 * users, 90, $"cityHash64(n, 2) % {users}", Page, 0),
            ("page_viewed", 2 * users, 90, $"cityHash64(n, 3) % {users}", Page, 0),
        ];
        foreach (var (type, events, days, user, payload, late) in kinds)
        {
            for (long first = 0; first < events; first += Chunk)
            {
                progress.Show($"Filling: {type}, {100 * first / events} %");
                await warehouse.RunAsync(Insert(Project, type, first, Math.Min(Chunk, events - first), days, user, payload, late, now), cancellationToken);
            }
        }
    }

    /// <summary>Stores <paramref name="rows"/> plain events, to measure what storing costs.</summary>
    internal static string Plain(string project, long first, long rows, long users, DateTimeOffset now) =>
        Insert(project, "page_viewed", first, rows, 1, $"cityHash64(n, 3) % {users}", Page, 0, now);

    /// <summary>Stores an order of each of <paramref name="rows"/> users.</summary>
    internal static string Orders(long first, long rows, long users, DateTimeOffset now) =>
        Insert(Project, "order_placed", first, rows, 1, $"n % {users}", Order, 0, now);

    private const string Order = """concat('{"order_id":"ord-', toString(n), '","total":', toString((n % 20000) / 100), ',"currency":"USD"}')""";

    private const string Page = """'{"path":"/pricing","plan":"starter","referrer":"https://example.com/"}'""";

    private static string Insert(string project, string type, long first, long rows, int days, string user, string payload, int late, DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        INSERT INTO events (project_id, environment, event_id, event_type, user_id, occurred_at, received_at, request_id, payload)
        SELECT '{{project}}', 'live', reinterpretAsUUID(sipHash128('{{type}}', n)), '{{type}}', concat('user-', toString({{user}})), at, least(at, {{Micros(now)}}), generateUUIDv4(), {{payload}}
        FROM
        (
            SELECT number + {{first}} AS n, {{Micros(now)}} - toIntervalMicrosecond(cityHash64(n, '{{type}}') % ({{days}} * 86400000000)) + toIntervalSecond({{late}}) AS at
            FROM numbers({{rows}})
        )
        SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0
        """);

    private static string Micros(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"fromUnixTimestamp64Micro({SegOps.Warehouse.QueryValues.Micros(time)}, 'UTC')");
}
