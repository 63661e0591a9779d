using System.ComponentModel.DataAnnotations;

namespace SegOps.ServiceDefaults.InternalCalls;

/// <summary>Configuration section <c>Internal</c>, the same in the gateway and in the services behind it.</summary>
public sealed class InternalCallOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Internal";

    /// <summary>The shared secret that shows a call came through the gateway: at least 32 characters, no default.</summary>
    [Required(ErrorMessage = "Internal:Secret is required: at least 32 random characters, the same for all services.")]
    [MinLength(32, ErrorMessage = "Internal:Secret is too short: it takes at least 32 characters.")]
    public string Secret { get; set; } = "";
}
