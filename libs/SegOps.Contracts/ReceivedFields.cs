using System.Globalization;

namespace SegOps.Contracts;

/// <summary>
/// The hash at <see cref="RedisKeys.Received"/>: the events received in one minute. Each instance of Ingestion has a field per project and
/// environment. The value is the accepted and the rejected number, decimal, separated by a space.
/// </summary>
public static class ReceivedFields
{
    /// <summary>The format of the minute in the key and in <see cref="RedisKeys.ReceivedChanges"/>; UTC.</summary>
    public const string MinuteFormat = "yyyyMMddHHmm";

    /// <summary>Expiry of a minute after its last change. Monitoring must copy it before.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(6);

    /// <summary>Formats a field's name.</summary>
    public static string Name(string instance, string environment, string project) => $"{instance}/{environment}/{project}";

    /// <summary>Parses a field's name; null if it is invalid.</summary>
    public static (string Instance, string Environment, string Project)? Parse(string name) =>
        name.Split('/', 3) is [var instance, var environment, var project] ? (instance, environment, project) : null;

    /// <summary>Formats a field's value.</summary>
    public static string Value(long accepted, long rejected) => string.Create(CultureInfo.InvariantCulture, $"{accepted} {rejected}");

    /// <summary>Parses a field's value; null if it is invalid.</summary>
    public static (long Accepted, long Rejected)? ParseValue(string value) =>
        value.Split(' ') is [var first, var second]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var accepted)
            && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var rejected)
                ? (accepted, rejected) : null;
}
