using System.CommandLine;
using System.Globalization;

namespace SegOps.Cli.Replay;

/// <summary>Options shared by several commands.</summary>
internal static class CommonOptions
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFF"];

    /// <summary>Creates the filters of dead letters.</summary>
    public static (Option<string?> Project, Option<string?> Code, Option<DateTimeOffset?> Since) Filters() =>
    (
        new("--project") { Description = "Only dead letters of this project.", HelpName = "P" },
        new("--code") { Description = "Only dead letters with this code, such as clickhouse_469.", HelpName = "C" },
        Time("--since", "Only dead letters first seen at this time or later.")
    );

    /// <summary>Creates the option <c>--dry-run</c>.</summary>
    public static Option<bool> DryRun() => new("--dry-run") { Description = "Show what would happen, and change nothing." };

    /// <summary>Creates an option for a time in an ISO 8601 form.</summary>
    public static Option<DateTimeOffset?> Time(string name, string description, bool required = false) => new(name)
    {
        Description = description + " For example 2026-11-24 or 2026-11-24T10:30:00Z. Default: UTC.",
        HelpName = "TIME",
        Required = required,
        CustomParser = result =>
        {
            if (DateTimeOffset.TryParseExact(
                result.Tokens[0].Value, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
                return time;
            result.AddError($"{name} must be a time such as 2026-11-24 or 2026-11-24T10:30:00Z.");
            return null;
        },
    };

    /// <summary>Formats a time as the options expect it.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
