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

    /// <summary>Refuses each request below <c>/api</c> without the internal secret: 403 <c>internal_only</c>.</summary>
    public static IApplicationBuilder UseInternalCallsOnly(this IApplicationBuilder app)
    {
        var secret = app.ApplicationServices.GetRequiredService<IOptions<InternalCallOptions>>();
        return app.Use((context, next) => !context.Request.Path.StartsWithSegments("/api") || HasSecret(context, secret.Value.Secret)
            ? next(context)
            : Problems.WriteAsync(context, ErrorCodes.InternalOnly, "This service is internal. Call the gateway instead."));
    }

    private static bool HasSecret(HttpContext context, string secret) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers[InternalHeaders.Secret].ToString())),
        SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
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
}
