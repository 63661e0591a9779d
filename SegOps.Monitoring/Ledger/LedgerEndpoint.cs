using SegOps.InternalApi;
using SegOps.Monitoring.Http;

namespace SegOps.Monitoring.Ledger;

/// <summary>A span of time up to now, by the minute; the last minute is the one that is running.</summary>
internal sealed record LedgerWindow(string Name, TimeSpan Length)
{
    private static readonly LedgerWindow[] All = [new("1h", TimeSpan.FromHours(1)), new("24h", LedgerQuery.Length)];

    /// <summary>Reads the parameter <c>window</c>; one hour when it is absent.</summary>
    internal static LedgerWindow Parse(IQueryCollection query) => QueryParameters.Single(query, "window") is not { } text
        ? All[0]
        : All.FirstOrDefault(window => window.Name == text) ?? throw new InvalidParameterException("window takes 1h or 24h.");

    /// <summary>The end of the running minute.</summary>
    internal static DateTime End(DateTimeOffset now) => new((now.UtcTicks / TimeSpan.TicksPerMinute + 1) * TimeSpan.TicksPerMinute, DateTimeKind.Utc);
}

/// <summary><c>GET /api/monitoring/ledger?window=1h|24h</c></summary>
internal static class LedgerEndpoint
{
    internal static void MapLedger(this RouteGroupBuilder api) => api.MapGet("/ledger", async (
        Caller caller, HttpRequest request, LedgerQuery ledger, Settlement settlement, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = LedgerWindow.Parse(request.Query);
        var to = LedgerWindow.End(clock.GetUtcNow());
        var settledBefore = settlement.Before();
        var minutes = await ledger.OfProjectAsync(caller, to, settledBefore, cancellationToken);
        return Results.Json(LedgerAnswer.Of(window, to, settledBefore, settlement.Patience, minutes), MonitoringJson.Default.LedgerAnswer);
    });
}
