using SegOps.ServiceDefaults.Redis;

namespace SegOps.InternalApi;

/// <summary>Lua scripts for a project's usage in Redis, shared by several services.</summary>
public static class UsageScripts
{
    /// <summary>Defines <c>month_of</c>, the calendar month of a time; see month.lua. Prepend it to a script that needs it.</summary>
    public static string Month { get; } = RedisExtensions.ReadScript(typeof(UsageScripts), "month.lua");

    /// <summary>Defines <c>later_than</c>, which reads a project's calls; see calls.lua. Prepend it to a script that needs it.</summary>
    public static string Calls { get; } = RedisExtensions.ReadScript(typeof(UsageScripts), "calls.lua");

    /// <summary>Corrects a project's monthly figure; a script of its own, see correct.lua.</summary>
    public static string Correct { get; } = RedisExtensions.ReadScript(typeof(UsageScripts), "correct.lua");
}
