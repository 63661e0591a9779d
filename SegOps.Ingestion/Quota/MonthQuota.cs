using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Ingestion.Quota;

/// <summary>
/// Reserves live events of the calendar month before they are published. It is exact while Redis answers; else it uses the last figure known
/// here. docs/decisions/0009-monthly-quota.md describes the approximation.
/// </summary>
internal sealed class MonthQuota(RedisConnection redis, QuotaAdjustments adjustments, KnownUsage known, TimeProvider clock, IngestionTelemetry telemetry)
{
    private static readonly string Reserve = UsageScripts.Month + RedisExtensions.ReadScript(typeof(MonthQuota), "reserve.lua");

    /// <summary>Reserves <paramref name="count"/> events, all or none. The gateway's headers contain the limit and the Redis deadline.</summary>
    public async Task<Reservation> ReserveAsync(RequestMetadata metadata, int count, IHeaderDictionary headers)
    {
        if (metadata.Environment != Contracts.Environments.Live)
            return Reservation.NotCounted;

        var limit = headers.Figure(InternalHeaders.EventsPerMonth);
        var deadline = headers.RedisDeadline(redis);
        var attempt = new ReserveAttempt(Reserve, RedisKeys.Usage(metadata.ProjectId), count, limit);
        Reservation reservation;
        try
        {
            var answer = await redis.AskAsync(attempt.SendAsync, deadline);
            reservation = new((int)answer[0] == 1, count, (string)answer[2]!, (long)answer[1], TimeSpan.FromSeconds((long)answer[3]));
            known.Learn(metadata.ProjectId, reservation.Month, reservation.Used!.Value);
            telemetry.Quota(reservation.Granted ? "reserved" : "refused", count);
        }
        catch (RedisUnavailableException)
        {
            reservation = ReserveWithoutRedis(metadata, count, limit);
            _ = AdjustLaterAsync(attempt, metadata.ProjectId, reservation);
        }

        return reservation;
    }

    /// <summary>Returns events whose publishing failed or is uncertain to the quota, in the background.</summary>
    public void GiveBack(string project, Reservation reservation)
    {
        if (reservation.Count == 0)
            return;
        adjustments.Add(project, reservation.Month, -reservation.Count);
        telemetry.Quota("given_back", reservation.Count);
    }

    private Reservation ReserveWithoutRedis(RequestMetadata metadata, int count, long? limit)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var month = now.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var (fits, used) = known.Take(metadata.ProjectId, month, count, limit);
        telemetry.Quota(fits ? "without_redis" : "refused", count);
        return new(fits, count, month, used, new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1) - now);
    }

    /// <summary>Corrects Redis's figure if the late result differs from the decision made without Redis.</summary>
    private async Task AdjustLaterAsync(ReserveAttempt attempt, string project, Reservation reservation)
    {
        var reserved = await attempt.GiveUpAsync();
        if (reserved != reservation.Granted)
            adjustments.Add(project, reservation.Month, reserved ? -reservation.Count : reservation.Count);
    }
}

/// <summary>The result of reserving a request's events.</summary>
/// <param name="Granted">Whether the events may be published.</param>
/// <param name="Count">The number of events.</param>
/// <param name="Month">The month, <c>yyyy-MM</c> (UTC); empty if the events do not count.</param>
/// <param name="Used">The project's live events of the month, including the reserved ones; null if unknown.</param>
/// <param name="UntilReset">The rest of the month.</param>
internal sealed record Reservation(bool Granted, int Count, string Month, long? Used, TimeSpan UntilReset)
{
    /// <summary>The result for test keys, whose events do not count.</summary>
    public static readonly Reservation NotCounted = new(true, 0, "", null, TimeSpan.Zero);
}

/// <summary>Adds the monthly quota.</summary>
internal static class QuotaExtensions
{
    /// <summary>Adds Redis and <see cref="MonthQuota"/>. The web server stops before the adjustments, after all requests.</summary>
    public static IHostApplicationBuilder AddQuota(this IHostApplicationBuilder builder)
    {
        builder.AddRedis("events are accepted against the last monthly figures known here, and counted when it is back.");
        builder.Services.AddSingleton<KnownUsage>();
        builder.Services.AddSingleton<QuotaAdjustments>();
        builder.Services.AddHostedService(services => services.GetRequiredService<QuotaAdjustments>());
        builder.Services.AddSingleton<MonthQuota>();
        return builder;
    }
}
