namespace SegOps.Tests.Browser;

/// <summary>Events of a week, as a shop would have sent them, written past every service: nobody can send the past.</summary>
internal static class History
{
    private const int Events = 40_000;
    private const int Refused = 700;

    /// <summary>When: some time of the last seven days, more by day than by night, with fewer a week ago than now.</summary>
    private static string Times(int most) =>
        $"""
        SELECT number, now64(6, 'UTC') - toIntervalSecond(intDiv(rand64(number), 4294967296) % 590000) AS at
        FROM numbers({most})
        WHERE rand32(number + 1) / 4294967296 < (0.3 + 0.7 * pow(sin(pi() * (toHour(at) + toMinute(at) / 60) / 24), 2)) * (1.1 - dateDiff('hour', at, now()) / 336)
        """;

    public static async Task WriteAsync(EndToEnd.Warehouse warehouse, string project)
    {
        await warehouse.ExecuteAsync(
            $$"""
            INSERT INTO events (project_id, environment, event_id, event_type, user_id, occurred_at, received_at, request_id, payload)
            SELECT '{{project}}', 'live', generateUUIDv4(number),
                   ['page_viewed', 'page_viewed', 'page_viewed', 'page_viewed', 'product_viewed', 'product_viewed', 'cart_updated', 'search_performed', 'checkout_started', 'order_placed'][1 + cityHash64(number) % 10],
                   concat('user-', toString(1000 + cityHash64(number, 'user') % 4000)), at, at, generateUUIDv4(number + 1), '{"currency":"USD"}'
            FROM ({{Times(Events)}})
            """);
        await warehouse.ExecuteAsync(
            $$"""
            INSERT INTO ingestion_errors (project_id, environment, error_id, request_id, received_at, severity, code, field, message, event_index, occurrences)
            SELECT '{{project}}', 'live', generateUUIDv4(number), generateUUIDv4(number + 1), at, 'error', 'required', 'user_id', 'user_id is required.', 0, 1
            FROM ({{Times(Refused)}})
            """);
    }
}
