using System.Globalization;

namespace SegOps.Contracts;

/// <summary>
/// The hash at <see cref="RedisKeys.Received"/>: what was received in one minute. Each instance of Ingestion has a field for each project and
/// environment; its value is the number accepted and the number rejected, decimal, with a space between.
/// </summary>
public static class ReceivedFields
{
    /// <summary>How the minute is named in the key and in <see cref="RedisKeys.ReceivedChanges"/>; UTC.</summary>
    public const string MinuteFormat = "yyyyMMddHHmm";

    /// <summary>How long after its last change a minute is kept for Monitoring to fetch.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(6);

    /// <summary>A field's name.</summary>
    public static string Name(string instance, string environment, string project) => $"{instance}/{environment}/{project}";

    /// <summary>The parts of a field's name, null when it is none.</summary>
    public static (string Instance, string Environment, string Project)? Parse(string name) =>
        name.Split('/', 3) is [var instance, var environment, var project] ? (instance, environment, project) : null;

    /// <summary>A field's value.</summary>
    public static string Value(long accepted, long rejected) => string.Create(CultureInfo.InvariantCulture, $"{accepted} {rejected}");

    /// <summary>The two numbers of a field's value, null when it is none.</summary>
    public static (long Accepted, long Rejected)? ParseValue(string value) =>
        value.Split(' ') is [var first, var second]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var accepted)
            && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var rejected)
                ? (accepted, rejected) : null;
}
