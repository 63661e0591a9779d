using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;

namespace SegOps.InternalApi;

/// <summary>Restricts internal services to calls from the gateway.</summary>
public static class InternalCalls
{
    /// <summary>Adds the validated <see cref="InternalCallOptions"/>.</summary>
    public static IServiceCollection AddInternalCalls(this IServiceCollection services)
    {
        services.AddValidatedOptions<InternalCallOptions>(InternalCallOptions.Section);
        return services;
    }

    /// <summary>Refuses each request below <c>/api</c> without the internal secret, current or previous: 403 <c>internal_only</c>.</summary>
    public static IApplicationBuilder UseInternalCallsOnly(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<IOptions<InternalCallOptions>>();
        return app.Use((context, next) => !context.Request.Path.StartsWithSegments("/api") || HasSecret(context, options.Value)
            ? next(context)
            : Problems.WriteAsync(context, ErrorCodes.InternalOnly, "This service is internal. Call the gateway instead."));
    }

    private static bool HasSecret(HttpContext context, InternalCallOptions options)
    {
        var sent = HashOf(context.Request.Headers[InternalHeaders.Secret].ToString());
        return CryptographicOperations.FixedTimeEquals(sent, HashOf(options.Secret))
            || (options.PreviousSecret is { } previous && CryptographicOperations.FixedTimeEquals(sent, HashOf(previous)));
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>Configuration section <c>Internal</c>: equal in the gateway and the internal services.</summary>
public sealed class InternalCallOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Internal";

    /// <summary>The shared secret that proves that a request came through the gateway: at least 32 characters, no default.</summary>
    [Required(ErrorMessage = "Internal:Secret is required: at least 32 random characters, equal for all services.")]
    [MinLength(32, ErrorMessage = "Internal:Secret must have at least 32 characters.")]
    public string Secret { get; set; } = "";

    /// <summary>
    /// A second secret that is accepted but not sent: at least 32 characters. Default none. It lets callers and services change
    /// <see cref="Secret"/> one after the other, see docs/operations.md.
    /// </summary>
    [MinLength(32, ErrorMessage = "Internal:PreviousSecret must have at least 32 characters. Remove it if there is none.")]
    public string? PreviousSecret { get; set; }
}
