using System.Globalization;

namespace SegOps.Client.Sending;

/// <summary>The headers with which a server asks for a pause.</summary>
internal static class PauseHeaders
{
    /// <summary>Above every pause that makes sense. Keeps sums of times within their range.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>The windows of <c>RateLimit</c> that count events. A larger plan opens them at once, so the client does not wait for their end.</summary>
    private static readonly string[] Quotas = ["month", "day"];

    /// <summary>The pause of <c>Retry-After</c>, which has seconds or a date. Zero if there is none.</summary>
    public static TimeSpan RetryAfter(string? value, DateTimeOffset now)
    {
        if (value is null)
        {
            return TimeSpan.Zero;
        }

        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
        {
            return Bounded(seconds);
        }

        return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? Bounded((date - now).TotalSeconds)
            : TimeSpan.Zero;
    }

    /// <summary>The longest time for which a window of <c>RateLimit</c> lets no call through: <c>"minute";r=0;t=17</c>.</summary>
    public static TimeSpan RateLimit(string? value)
    {
        var pause = TimeSpan.Zero;
        foreach (var window in (value ?? "").Split(','))
        {
            var parts = window.Split(';').Select(part => part.Trim()).ToArray();
            if (parts.Contains("r=0")
                && !Quotas.Contains(parts[0].Trim('"'))
                && parts.FirstOrDefault(part => part.StartsWith("t=", StringComparison.Ordinal)) is { } time
                && double.TryParse(time.Split('=')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && Bounded(seconds) > pause)
            {
                pause = Bounded(seconds);
            }
        }

        return pause;
    }

    private static TimeSpan Bounded(double seconds) =>
        seconds <= 0 ? TimeSpan.Zero : seconds >= Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);
}
