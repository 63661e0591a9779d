using SegOps.Monitoring.Http;

namespace SegOps.Monitoring.Volume;

/// <summary>A span of time up to now in buckets of one length; the last bucket is the one that is running.</summary>
internal sealed record VolumeWindow(string Name, TimeSpan Length, TimeSpan Bucket)
{
    private static readonly VolumeWindow[] All =
    [
        new("24h", TimeSpan.FromHours(24), TimeSpan.FromMinutes(15)),
        new("7d", TimeSpan.FromDays(7), TimeSpan.FromHours(1)),
    ];

    /// <summary>How many buckets it has.</summary>
    internal int Buckets => (int)(Length / Bucket);

    /// <summary>Reads the parameter <c>window</c>; 24 hours when it is absent.</summary>
    internal static VolumeWindow Parse(IQueryCollection query) => QueryParameters.Single(query, "window") is not { } text
        ? All[0]
        : All.FirstOrDefault(window => window.Name == text) ?? throw new InvalidParameterException("window takes 24h or 7d.");

    /// <summary>Begin of the first bucket and end of the last one, which lies ahead of <paramref name="now"/>.</summary>
    internal (DateTime From, DateTime To) At(DateTimeOffset now)
    {
        var to = new DateTime((now.UtcTicks / Bucket.Ticks + 1) * Bucket.Ticks, DateTimeKind.Utc);
        return (to - Length, to);
    }
}
