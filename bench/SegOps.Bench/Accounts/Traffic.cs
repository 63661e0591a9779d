using System.Globalization;

namespace SegOps.Bench.Accounts;

/// <summary>Generates events with ids of UUID version 7 that were made up to 2 s before their receipt.</summary>
internal sealed record Traffic(int Projects, int Rate, int Seconds)
{
    /// <summary>Stores an event.</summary>
    public const string Event = """
        INSERT INTO events (project_id, environment, event_id, event_type, user_id, occurred_at, received_at, request_id, payload)
        SELECT project, 'live', event_id, type, concat('user-', toString(n % 100000)), at, received, generateUUIDv4(),
            '{"order_id":"ord-456","total":89.95,"currency":"USD","path":"/pricing","plan":"starter"}'
        """;

    /// <summary>Stores only the receipt of an event.</summary>
    public const string Receipt = """
        INSERT INTO receipts (slice, made, project_id, environment, id, received_at, event_type)
        SELECT toDateTime(intDiv(toUnixTimestamp(received), 15) * 15, 'UTC'), toDateTime(intDiv(toInt64(millisecond), 15000) * 15, 'UTC'), project, 'live',
            toUInt128(event_id), received, type
        """;

    /// <summary>The length of a slice of the accounts.</summary>
    public const int SliceSeconds = 15;

    private const string Large = "prj_large";
    private const int Chunk = 250_000;
    private const int RetriedOf = 1000;

    /// <summary>Receipts of events that are sent again five seconds later.</summary>
    public long Retries => (long)Rate * SliceSeconds / RetriedOf * (Seconds / SliceSeconds);

    /// <summary>Distinct events in a time.</summary>
    public long EventsIn(int seconds) => (long)(Projects + Rate) * seconds;

    /// <summary>The statements that store a slice, with <paramref name="insert"/>.</summary>
    public IEnumerable<string> Inserts(DateTimeOffset slice, string insert)
    {
        for (long first = 0; first < (long)Rate * SliceSeconds; first += Chunk)
            yield return insert + From($"'{Large}'", slice, first, Math.Min(Chunk, ((long)Rate * SliceSeconds) - first), Rate, step: 1, delay: 0);
        yield return insert + From($"'{Large}'", slice, 0, (long)Rate * SliceSeconds / RetriedOf, Rate, RetriedOf, delay: 5);
        for (long first = 0; first < (long)Projects * SliceSeconds; first += Chunk)
            yield return insert + From(
                $"concat('prj_', toString(n % {Projects}))", slice, first, Math.Min(Chunk, ((long)Projects * SliceSeconds) - first), Projects, step: 1, delay: 0);
    }

    private static string From(string project, DateTimeOffset slice, long first, long rows, int rate, int step, int delay) => string.Create(CultureInfo.InvariantCulture, $$"""

        FROM
        (
            SELECT n, at, millisecond, at + toIntervalSecond({{delay}}) AS received, {{project}} AS project, concat('type_', toString(n % 7)) AS type,
                reinterpretAsUUID(bitOr(
                    bitShiftLeft(toUInt128(cityHash64(n, millisecond, {{rate}})), 64),
                    toUInt128(bitOr(bitOr(bitShiftLeft(millisecond, 16), 28672), cityHash64(n) % 4096)))) AS event_id
            FROM
            (
                SELECT toUInt64({{first}} + number * {{step}}) AS n,
                    fromUnixTimestamp64Micro(toInt64({{slice.ToUnixTimeSeconds()}} * 1000000 + intDiv(n * 1000000, {{rate}})), 'UTC') AS at,
                    toUInt64(toUnixTimestamp64Milli(at)) - cityHash64(n) % 2000 AS millisecond
                FROM numbers({{rows}})
            )
        )
        SETTINGS optimize_on_insert = 0, max_insert_block_size = 100000, min_insert_block_size_rows = 100000
        """);
}
