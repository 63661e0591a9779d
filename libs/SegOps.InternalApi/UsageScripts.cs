using SegOps.ServiceDefaults.Redis;

namespace SegOps.InternalApi;

/// <summary>Lua that several services use on a project's usage in Redis.</summary>
public static class UsageScripts
{
    /// <summary>Defines <c>month_of</c>, the calendar month of a time; see month.lua. Join it to a script that needs it.</summary>
    public static string Month { get; } = RedisExtensions.ReadScript(typeof(UsageScripts), "month.lua");

    /// <summary>Defines <c>later_than</c>, which reads a project's calls; see calls.lua. Join it to a script that needs it.</summary>
    public static string Calls { get; } = RedisExtensions.ReadScript(typeof(UsageScripts), "calls.lua");

    /// <summary>Corrects a project's monthly figure; a script of its own, see correct.lua.</summary>
    public static string Correct { get; } = RedisExtensions.ReadScript(typeof(UsageScripts), "correct.lua");
}
