using System.Globalization;

namespace SegOps.Monitoring.Quota;

/// <summary>A calendar month in UTC.</summary>
/// <param name="Begins">Its first moment.</param>
internal readonly record struct Month(DateTimeOffset Begins)
{
    /// <summary>The first moment of the next.</summary>
    internal DateTimeOffset Ends => Begins.AddMonths(1);

    /// <summary>As Redis's fields are named: <c>yyyy-MM</c>.</summary>
    internal string Name => Begins.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>As ClickHouse's toYYYYMM gives it.</summary>
    internal int Number => (Begins.Year * 100) + Begins.Month;

    /// <summary>The month of <paramref name="now"/>, and on its first day also the one before, whose last events come in meanwhile.</summary>
    internal static Month[] ToReconcile(DateTimeOffset now)
    {
        var current = new Month(new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero));
        return now.UtcDateTime.Day == 1 ? [current, new Month(current.Begins.AddMonths(-1))] : [current];
    }
}
