namespace SegOps.Monitoring.Volume;

/// <summary>How many events came in over a window, by the time at which they were received; times are UTC.</summary>
internal sealed record VolumeAnswer(
    string Window, int BucketSeconds, DateTime From, DateTime To, long Accepted, long Rejected, long Warnings, IReadOnlyList<VolumePoint> Points)
{
    /// <summary>Puts what was counted into all buckets of the window, with zeros where nothing came.</summary>
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

/// <summary>One bucket, which begins at <paramref name="At"/>.</summary>
/// <param name="At">Begin of the bucket.</param>
/// <param name="Accepted">Events stored.</param>
/// <param name="Rejected">Events refused.</param>
/// <param name="Warnings">Warnings about events that were stored.</param>
internal sealed record VolumePoint(DateTime At, long Accepted, long Rejected, long Warnings);
