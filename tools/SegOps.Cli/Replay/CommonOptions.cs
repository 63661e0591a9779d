using System.CommandLine;
using System.Globalization;

namespace SegOps.Cli.Replay;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFF"];

    /// <summary>The filters of dead letters.</summary>
    public static (Option<string?> Project, Option<string?> Code, Option<DateTimeOffset?> Since) Filters() =>
    (
        new("--project") { Description = "Only of this project.", HelpName = "P" },
        new("--code") { Description = "Only with this code, such as clickhouse_469.", HelpName = "C" },
        Time("--since", "Only those first seen at this time or later.")
    );

    /// <summary>Shows what would happen.</summary>
    public static Option<bool> DryRun() => new("--dry-run") { Description = "Say what would happen, and change nothing." };

    /// <summary>A time in one of the ISO 8601 forms.</summary>
    public static Option<DateTimeOffset?> Time(string name, string description, bool required = false) => new(name)
    {
        Description = description + " Such as 2026-11-24 or 2026-11-24T10:30:00Z; UTC unless it says otherwise.",
        HelpName = "TIME",
        Required = required,
        CustomParser = result =>
        {
            if (DateTimeOffset.TryParseExact(
                result.Tokens[0].Value, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
                return time;
            result.AddError($"{name} takes a time such as 2026-11-24 or 2026-11-24T10:30:00Z.");
            return null;
        },
    };

    /// <summary>A time in the form that the options take.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
