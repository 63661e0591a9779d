using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.Warehouse;
using static SegOps.Contracts.IngestionErrorColumns;

namespace SegOps.Monitoring.Errors;

/// <summary>The counts of a group. <paramref name="SampledAt"/> is the receipt of its newest row with a sample.</summary>
internal sealed record GroupTotals(string Code, string Field, long Count, DateTime FirstSeen, DateTime LastSeen, DateTime SampledAt);

/// <summary>
/// Groups a project's errors or warnings by code and field. The first query reads all rows without their texts. The second reads the texts of
/// the newest rows of the page's groups, which the sorting key finds.
/// </summary>
internal static class ErrorsQuery
{
    private const string OfProject = $$"""
        {{QueryValues.OfProject}} AND {{Severity}} = {severity:String}
        """;

    /// <summary>
    /// Errors have few groups of many rows. Each group has a set of ids, which all threads fill. The few rows that stand for several events are added.
    /// </summary>
    private static readonly string Errors = Totals(
        count: $"uniqExact({ErrorId}) + toUInt64(arraySum(tupleElement(groupUniqArrayIf(({ErrorId}, {Occurrences} - 1), {Occurrences} > 1), 2)))", distinct: "");

    /// <summary>
    /// A client that uses values as names creates as many groups as rows, and a set of ids per group would need too much memory. So one set of all ids
    /// drops copies before they are grouped. With few groups, FINAL needs twice the time of either.
    /// </summary>
    private static readonly string Warnings = Totals(count: $"sum({Occurrences})", distinct: $"LIMIT 1 BY {ErrorId}");

    private const string Texts = $$"""
        SELECT {{Code}}, {{Field}}, argMax({{Message}}, {{ReceivedAt}}), argMaxIf({{Sample}}, {{ReceivedAt}}, notEmpty({{Sample}}))
        FROM ingestion_errors
        WHERE {{OfProject}} AND {{ReceivedAt}} IN (SELECT fromUnixTimestamp64Micro(arrayJoin({times:Array(Int64)})))
            AND ({{Code}}, {{Field}}) IN (SELECT arrayJoin(arrayZip({codes:Array(String)}, {fields:Array(String)})))
        GROUP BY {{Code}}, {{Field}}
        """;

    private static string Totals(string count, string distinct) => $$"""
        SELECT {{Code}}, {{Field}}, {{count}} AS total,
            min({{ReceivedAt}}) AS first_seen, max({{ReceivedAt}}) AS last_seen, maxIf({{ReceivedAt}}, sampled) AS sampled_at
        FROM
        (
            SELECT {{Code}}, {{Field}}, {{ErrorId}}, {{Occurrences}}, {{ReceivedAt}}, notEmpty({{Sample}}) AS sampled
            FROM ingestion_errors
            WHERE {{OfProject}}
                AND {{ReceivedAt}} >= fromUnixTimestamp64Micro({from:Int64}) AND {{ReceivedAt}} <= fromUnixTimestamp64Micro({until:Int64})
            {{distinct}}
        )
        GROUP BY {{Code}}, {{Field}}
        HAVING last_seen < fromUnixTimestamp64Micro({last:Int64})
            OR (last_seen = fromUnixTimestamp64Micro({last:Int64}) AND ({{Code}}, {{Field}}) > ({code:String}, {field:String}))
        ORDER BY last_seen DESC, {{Code}}, {{Field}}
        LIMIT {limit:UInt32}
        """;

    internal static async Task<ErrorsAnswer> RunAsync(WarehouseReader warehouse, Caller caller, ErrorsPage page, CancellationToken cancellationToken)
    {
        // One more than the limit shows whether there is a next page.
        var found = await warehouse.ReadAsync(
            page.Severity == Severities.Error ? Errors : Warnings, TotalsParameters(caller, page), page.Limit + 1, ReadTotals, cancellationToken);
        var shown = found.Take(page.Limit).ToList();
        var texts = shown.Count == 0
            ? []
            : await warehouse.ReadAsync(Texts, TextsParameters(caller, page, shown), shown.Count, ReadTexts, cancellationToken);
        var textsOf = texts.ToDictionary(text => (text.Code, text.Field), text => (text.Message, text.Sample));

        var (from, to) = page.Span;
        return new(
            page.Window.Name, from, to, [.. shown.Select(Group)], found.Count > shown.Count ? page.Next(shown[0], shown[^1]).Write() : null);

        ErrorGroup Group(GroupTotals totals)
        {
            // Rows can expire between the two queries.
            var (message, sample) = textsOf.GetValueOrDefault((totals.Code, totals.Field), ("", ""));
            return new(
                totals.Code, totals.Field, totals.Count, totals.FirstSeen, totals.LastSeen, message, ErrorHints.Of(totals.Code), sample == "" ? null : sample);
        }
    }

    private static ClickHouseParameterCollection TotalsParameters(Caller caller, ErrorsPage page) => Parameters(caller, page)
        .With("from", QueryValues.Micros(page.Span.From))
        .With("until", QueryValues.Micros(page.Until))
        .With("last", QueryValues.Micros(page.After?.LastSeen ?? page.Span.To))
        .With("code", page.After?.Code ?? "")
        .With("field", page.After?.Field ?? "")
        .With("limit", page.Limit + 1);

    private static ClickHouseParameterCollection TextsParameters(Caller caller, ErrorsPage page, List<GroupTotals> groups) => Parameters(caller, page)
        .With("times", groups.SelectMany(group => (DateTime[])[group.LastSeen, group.SampledAt]).Select(time => QueryValues.Micros(time)).ToArray())
        .With("codes", groups.Select(group => group.Code).ToArray())
        .With("fields", groups.Select(group => group.Field).ToArray());

    private static ClickHouseParameterCollection Parameters(Caller caller, ErrorsPage page) =>
        QueryValues.Project(caller.ProjectId, caller.Environment).With("severity", page.Severity);

    private static GroupTotals ReadTotals(ClickHouseDataReader row) => new(
        row.GetString(0), row.GetString(1), row.Number(2), row.Utc(3), row.Utc(4), row.Utc(5));

    private static (string Code, string Field, string Message, string Sample) ReadTexts(ClickHouseDataReader row) =>
        (row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3));
}
