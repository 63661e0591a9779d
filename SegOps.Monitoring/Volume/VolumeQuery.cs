using ClickHouse.Driver.ADO.Readers;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Volume;

/// <summary>Adds up a project's quarters of an hour by bucket.</summary>
internal static class VolumeQuery
{
    private const string Sql = $$"""
        SELECT intDiv(toUnixTimestamp(quarter), {bucket:UInt32}) * {bucket:UInt32} AS at, sum(events), sum(rejected), sum(warnings)
        FROM volume_by_quarter FINAL
        WHERE {{QueryValues.OfProject}} AND quarter >= fromUnixTimestamp({from:Int64}) AND quarter < fromUnixTimestamp({to:Int64})
        GROUP BY at
        """;

    internal static async Task<VolumeAnswer> RunAsync(
        WarehouseReader warehouse, TimeProvider clock, Caller caller, VolumeWindow window, CancellationToken cancellationToken)
    {
        var (from, to) = window.At(clock.GetUtcNow());
        var parameters = QueryValues.Project(caller.ProjectId, caller.Environment, from, to).With("bucket", (long)window.Bucket.TotalSeconds);
        var counted = await warehouse.ReadAsync(Sql, parameters, window.Buckets, Read, cancellationToken);
        return VolumeAnswer.Of(window, from, to, counted);
    }

    private static VolumePoint Read(ClickHouseDataReader row) =>
        new(DateTime.UnixEpoch.AddSeconds(row.Number(0)), row.Number(1), row.Number(2), row.Number(3));
}
