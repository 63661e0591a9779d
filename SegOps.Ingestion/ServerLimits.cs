using Microsoft.AspNetCore.Server.Kestrel.Core;
using SegOps.Contracts;

namespace SegOps.Ingestion;

/// <summary>What one connection may cost us.</summary>
internal static class ServerLimits
{
    /// <summary>Sets the server's limits; they guard against slow clients, which the gateway passes through as they come.</summary>
    public static WebApplicationBuilder AddServerLimits(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The endpoints know their limits and answer 413. Kestrel's own would break the connection before the client has read the
            // answer, and it counts the framing of chunks.
            kestrel.Limits.MaxRequestBodySize = 3 * EventLimits.MaxBatchBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(EventLimits.MinBodyRate, EventLimits.BodyRateGrace);
        });
        return builder;
    }
}
