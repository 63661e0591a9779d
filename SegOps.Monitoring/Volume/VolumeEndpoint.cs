using ClickHouse.Driver.ADO.Readers;
using SegOps.Monitoring.Rollups;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Volume;

/// <summary><c>GET /api/monitoring/volume?window=24h|7d</c></summary>
internal static class VolumeEndpoint
{
    internal static void MapVolume(this RouteGroupBuilder api) => api.MapGet("/volume", async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = VolumeWindow.Parse(request.Query);
        var volume = await VolumeQuery.RunAsync(warehouse, clock, caller, window, cancellationToken);
        return Results.Json(volume);
    });
}

/// <summary>Sums a project's 15-minute buckets into the buckets of the window.</summary>
internal static class VolumeQuery
{
    private static readonly string Sql = $$"""
        SELECT intDiv(toUnixTimestamp(quarter), {bucket:UInt32}) * {bucket:UInt32} AS at, sum(events), sum(rejected), sum(warnings)
        FROM ({{AccountsSql.Buckets(QueryValues.OfProject, "fromUnixTimestamp({from:Int64})", "fromUnixTimestamp({to:Int64})")}})
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

/// <summary>A span of time up to now in buckets of one length. The last bucket is still running.</summary>
internal sealed record VolumeWindow(string Name, TimeSpan Length, TimeSpan Bucket)
{
    private static readonly VolumeWindow[] All =
    [
        new("24h", TimeSpan.FromHours(24), TimeSpan.FromMinutes(15)),
        new("7d", TimeSpan.FromDays(7), TimeSpan.FromHours(1)),
    ];

    /// <summary>The number of buckets.</summary>
    internal int Buckets => (int)(Length / Bucket);

    /// <summary>Reads the parameter <c>window</c>. Default: 24 hours.</summary>
    internal static VolumeWindow Parse(IQueryCollection query) => QueryParameters.Optional(query, "window") is not { } text
        ? All[0]
        : All.FirstOrDefault(window => window.Name == text) ?? throw new InvalidParameterException("window takes 24h or 7d.");

    /// <summary>Start of the first bucket and end of the last one, which is after <paramref name="now"/>.</summary>
    internal (DateTime From, DateTime To) At(DateTimeOffset now)
    {
        var to = new DateTime((now.UtcTicks / Bucket.Ticks + 1) * Bucket.Ticks, DateTimeKind.Utc);
        return (to - Length, to);
    }
}

/// <summary>The events of a window by time of receipt; times are UTC.</summary>
internal sealed record VolumeAnswer(
    string Window, int BucketSeconds, DateTime From, DateTime To, long Accepted, long Rejected, long Warnings, IReadOnlyList<VolumePoint> Points)
{
    /// <summary>Fills all buckets of the window, with zeros if nothing was counted.</summary>
    internal static VolumeAnswer Of(VolumeWindow window, DateTime from, DateTime to, IEnumerable<VolumePoint> counted)
    {
        var points = new VolumePoint[window.Buckets];
        for (var i = 0; i < points.Length; i++)
            points[i] = new VolumePoint(from + i * window.Bucket, 0, 0, 0);
        foreach (var point in counted)
            points[(int)((point.At - from) / window.Bucket)] = point;

        return new(
            window.Name, (int)window.Bucket.TotalSeconds, from, to,
            points.Sum(point => point.Accepted), points.Sum(point => point.Rejected), points.Sum(point => point.Warnings), points);
    }
}

/// <summary>A bucket of a volume.</summary>
/// <param name="At">Start of the bucket.</param>
/// <param name="Accepted">Events stored.</param>
/// <param name="Rejected">Events refused.</param>
/// <param name="Warnings">Warnings about events that were stored.</param>
internal sealed record VolumePoint(DateTime At, long Accepted, long Rejected, long Warnings);
