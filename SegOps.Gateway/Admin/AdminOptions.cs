using System.ComponentModel.DataAnnotations;

namespace SegOps.Gateway.Admin;

/// <summary>Configuration section <c>Admin</c>: the API by which projects and keys are managed.</summary>
internal sealed class AdminOptions
{
    internal const string Section = "Admin";

    /// <summary>What administrators send as <c>Authorization: Bearer</c>: at least 32 characters. None, the default, leaves the API off.</summary>
    [MinLength(32, ErrorMessage = "Admin:Token must have at least 32 characters; leave it out to keep the admin API off.")]
    public string? Token { get; set; }

    /// <summary>Calls a minute, of all administrators together. Default 60.</summary>
    [Range(1, 100_000, ErrorMessage = "Admin:CallsPerMinute must be from 1 to 100000.")]
    public int CallsPerMinute { get; set; } = 60;

    /// <summary>Wrong tokens a minute from one address, after which even the right one is refused. Default 5.</summary>
    [Range(1, 1_000, ErrorMessage = "Admin:FailuresPerMinute must be from 1 to 1000.")]
    public int FailuresPerMinute { get; set; } = 5;
}
