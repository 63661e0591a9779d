using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Configuration;
using SegOps.ServiceDefaults.Http;

namespace SegOps.ServiceDefaults.InternalCalls;

/// <summary>Keeps services behind the gateway from answering anybody else.</summary>
public static class InternalCallExtensions
{
    /// <summary>Adds the validated <see cref="InternalCallOptions"/>.</summary>
    public static IServiceCollection AddInternalCalls(this IServiceCollection services)
    {
        services.AddValidatedOptions<InternalCallOptions>(InternalCallOptions.Section);
        return services;
    }

    /// <summary>Refuses everything below <c>/api</c> that lacks the internal secret, with 403 <c>internal_only</c>.</summary>
    public static IApplicationBuilder UseInternalCallsOnly(this IApplicationBuilder app)
    {
        var secret = app.ApplicationServices.GetRequiredService<IOptions<InternalCallOptions>>();
        return app.Use((context, next) => !context.Request.Path.StartsWithSegments("/api") || HasSecret(context, secret.Value.Secret)
            ? next(context)
            : Problems.WriteAsync(context, ErrorCodes.InternalOnly, "This service answers the gateway only: call the gateway's URL instead."));
    }

    private static bool HasSecret(HttpContext context, string secret) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers[InternalHeaders.Secret].ToString())),
        SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
