using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using ClickHouse.Driver.Utility;
using SegOps.Contracts;
using SegOps.Monitoring.Warehouse;
using SegOps.ServiceDefaults.InternalCalls;

namespace SegOps.Monitoring.Volume;

/// <summary>Counts a project's events by bucket, each once however often it is stored.</summary>
internal static class VolumeQuery
{
    /// <summary>An event that was sent again counts when it came last, which is also the row that merges keep.</summary>
    private const string Accepted = $$"""
        SELECT intDiv(toUnixTimestamp(last), {bucket:UInt32}) * {bucket:UInt32} AS at, count()
        FROM
        (
            SELECT max({{EventColumns.ReceivedAt}}) AS last
            FROM events
            WHERE {{EventColumns.ProjectId}} = {project:String} AND {{EventColumns.Environment}} = {environment:String}
                AND {{EventColumns.ReceivedAt}} >= fromUnixTimestamp({from:Int64}) AND {{EventColumns.ReceivedAt}} < fromUnixTimestamp({to:Int64})
            GROUP BY {{EventColumns.EventId}}
        )
        GROUP BY at
        """;

    /// <summary>One event can have several faults: it is one rejected event all the same.</summary>
    private const string Errors = $$"""
        SELECT intDiv(toUnixTimestamp(received), {bucket:UInt32}) * {bucket:UInt32} AS at,
            uniqExactIf((request, place), kind = '{{Severities.Error}}'), sumIf(times, kind = '{{Severities.Warning}}')
        FROM
        (
            SELECT any({{IngestionErrorColumns.ReceivedAt}}) AS received, any({{IngestionErrorColumns.RequestId}}) AS request,
                any({{IngestionErrorColumns.EventIndex}}) AS place, any({{IngestionErrorColumns.Severity}}) AS kind,
                any({{IngestionErrorColumns.Occurrences}}) AS times
            FROM ingestion_errors
            WHERE {{IngestionErrorColumns.ProjectId}} = {project:String} AND {{IngestionErrorColumns.Environment}} = {environment:String}
                AND {{IngestionErrorColumns.ReceivedAt}} >= fromUnixTimestamp({from:Int64})
                AND {{IngestionErrorColumns.ReceivedAt}} < fromUnixTimestamp({to:Int64})
            GROUP BY {{IngestionErrorColumns.ErrorId}}
        )
        GROUP BY at
        """;

    internal static async Task<VolumeAnswer> RunAsync(
        WarehouseReader warehouse, TimeProvider clock, Caller caller, VolumeWindow window, CancellationToken cancellationToken)
    {
        var (from, to) = window.At(clock.GetUtcNow());
        var accepted = warehouse.ReadAsync(Accepted, Parameters(), window.Buckets, row => (At(row), Count(row, 1)), cancellationToken);
        var errors = warehouse.ReadAsync(Errors, Parameters(), window.Buckets, row => (At(row), Count(row, 1), Count(row, 2)), cancellationToken);
        await Task.WhenAll(accepted, errors);
        return VolumeAnswer.Of(window, from, to, await accepted, await errors);

        ClickHouseParameterCollection Parameters()
        {
            var parameters = new ClickHouseParameterCollection();
            parameters.AddParameter("project", caller.ProjectId);
            parameters.AddParameter("environment", caller.Environment);
            parameters.AddParameter("bucket", (long)window.Bucket.TotalSeconds);
            parameters.AddParameter("from", new DateTimeOffset(from).ToUnixTimeSeconds());
            parameters.AddParameter("to", new DateTimeOffset(to).ToUnixTimeSeconds());
            return parameters;
        }
    }

    private static DateTime At(ClickHouseDataReader row) => DateTime.UnixEpoch.AddSeconds(Count(row, 0));

    private static long Count(ClickHouseDataReader row, int column) => Convert.ToInt64(row.GetValue(column), System.Globalization.CultureInfo.InvariantCulture);
}
