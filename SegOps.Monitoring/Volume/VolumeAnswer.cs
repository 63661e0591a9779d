namespace SegOps.Monitoring.Volume;

/// <summary>How many events came in over a window, by the time at which they were received; times are UTC.</summary>
internal sealed record VolumeAnswer(
    string Window, int BucketSeconds, DateTime From, DateTime To, long Accepted, long Rejected, IReadOnlyList<VolumePoint> Points)
{
    /// <summary>Puts what was counted into all buckets of the window, with zeros where nothing came.</summary>
    internal static VolumeAnswer Of(
        VolumeWindow window,
        DateTime from,
        DateTime to,
        IEnumerable<(DateTime At, long Count)> accepted,
        IEnumerable<(DateTime At, long Rejected, long Warnings)> errors)
    {
        var points = new VolumePoint[window.Buckets];
        for (var i = 0; i < points.Length; i++)
            points[i] = new VolumePoint(from + i * window.Bucket, 0, 0, 0);
        foreach (var (at, count) in accepted)
            points[IndexOf(at)] = points[IndexOf(at)] with { Accepted = count };
        foreach (var (at, rejected, warnings) in errors)
            points[IndexOf(at)] = points[IndexOf(at)] with { Rejected = rejected, Warnings = warnings };

        return new(
            window.Name, (int)window.Bucket.TotalSeconds, from, to, points.Sum(point => point.Accepted), points.Sum(point => point.Rejected), points);

        int IndexOf(DateTime at) => (int)((at - from) / window.Bucket);
    }
}

/// <summary>One bucket, which begins at <paramref name="At"/>.</summary>
/// <param name="At">Begin of the bucket.</param>
/// <param name="Accepted">Events stored.</param>
/// <param name="Rejected">Events refused.</param>
/// <param name="Warnings">Warnings about events that were stored.</param>
internal sealed record VolumePoint(DateTime At, long Accepted, long Rejected, long Warnings);
