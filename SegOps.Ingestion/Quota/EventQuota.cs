using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Ingestion.Quota;

/// <summary>
/// Reserves live events of the calendar month, and test events of the day (UTC), before they are published. It is exact while Redis answers; else it
/// uses the last figure known here. docs/decisions/0009-monthly-quota.md describes the approximation.
/// </summary>
internal sealed class EventQuota(RedisConnection redis, QuotaAdjustments adjustments, KnownUsage known, TimeProvider clock, IngestionTelemetry telemetry)
{
    private static readonly string Reserve = UsageScripts.Month + RedisExtensions.ReadScript(typeof(EventQuota), "reserve.lua");

    /// <summary>Reserves <paramref name="count"/> events, all or none. The gateway's headers contain the limit and the Redis deadline.</summary>
    public async Task<Reservation> ReserveAsync(RequestMetadata metadata, int count, IHeaderDictionary headers)
    {
        var usage = Usage.Of(metadata);
        var limit = headers.Figure(usage.IsDaily ? InternalHeaders.TestEventsPerDay : InternalHeaders.EventsPerMonth);
        if (usage.IsDaily && limit is null)
            return Reservation.NotCounted;

        var deadline = headers.RedisDeadline(redis);
        var attempt = new ReserveAttempt(Reserve, usage, count, limit);
        Reservation reservation;
        try
        {
            var answer = await redis.AskAsync(attempt.SendAsync, deadline);
            reservation = new((int)answer[0] == 1, count, usage, (string)answer[2]!, (long)answer[1], TimeSpan.FromSeconds((long)answer[3]));
            known.Learn(usage.Key, reservation.Period, reservation.Used!.Value);
            telemetry.Quota(metadata.Environment, reservation.Granted ? "reserved" : "refused", count);
        }
        catch (RedisUnavailableException)
        {
            reservation = ReserveWithoutRedis(usage, count, limit);
            _ = AdjustLaterAsync(attempt, reservation);
        }

        return reservation;
    }

    /// <summary>Returns events whose publishing failed or is uncertain to the quota, in the background.</summary>
    public void GiveBack(Reservation reservation)
    {
        if (reservation.Count == 0)
            return;
        adjustments.Add(reservation.Usage, reservation.Period, -reservation.Count);
        telemetry.Quota(reservation.Usage.Environment, "given_back", reservation.Count);
    }

    private Reservation ReserveWithoutRedis(Usage usage, int count, long? limit)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var (period, ends) = usage.IsDaily
            ? (((long)(now - DateTime.UnixEpoch).TotalDays).ToString(CultureInfo.InvariantCulture), now.Date.AddDays(1))
            : (now.ToString("yyyy-MM", CultureInfo.InvariantCulture), new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1));
        var (fits, used) = known.Take(usage.Key, period, count, limit);
        telemetry.Quota(usage.Environment, fits ? "without_redis" : "refused", count);
        return new(fits, count, usage, period, used, ends - now);
    }

    /// <summary>Corrects Redis's figure if the late result differs from the decision made without Redis.</summary>
    private async Task AdjustLaterAsync(ReserveAttempt attempt, Reservation reservation)
    {
        var reserved = await attempt.GiveUpAsync();
        if (reserved != reservation.Granted)
            adjustments.Add(reservation.Usage, reservation.Period, reserved ? -reservation.Count : reservation.Count);
    }
}

/// <summary>The result of reserving a request's events.</summary>
/// <param name="Granted">Whether the events may be published.</param>
/// <param name="Count">The number of events.</param>
/// <param name="Usage">The figures that count the events.</param>
/// <param name="Period">The month, <c>yyyy-MM</c>, or the number of the day since 1970-01-01 (UTC); empty if the events do not count.</param>
/// <param name="Used">The project's events of the period, including the reserved ones; null if unknown.</param>
/// <param name="UntilReset">The rest of the period.</param>
internal sealed record Reservation(bool Granted, int Count, Usage Usage, string Period, long? Used, TimeSpan UntilReset)
{
    /// <summary>The result for canaries, whose events do not count: the gateway gives no limit for them.</summary>
    public static readonly Reservation NotCounted = new(true, 0, default, "", null, TimeSpan.Zero);
}

/// <summary>Figures in Redis that count a project's events: its live events by month, or its test events by day.</summary>
/// <param name="Key">Their key.</param>
/// <param name="IsDaily">Whether they are by day.</param>
internal readonly record struct Usage(string Key, bool IsDaily)
{
    /// <summary>How long the figures of a day are kept after their last change, in seconds.</summary>
    public const int DaysAreKept = 172_800;

    /// <summary>The environment of the events.</summary>
    public string Environment => IsDaily ? Contracts.Environments.Test : Contracts.Environments.Live;

    /// <summary>The figures that count the events of a request.</summary>
    public static Usage Of(RequestMetadata metadata) => metadata.Environment == Contracts.Environments.Live
        ? new(RedisKeys.Usage(metadata.ProjectId), IsDaily: false)
        : new(RedisKeys.TestUsage(metadata.ProjectId), IsDaily: true);
}

/// <summary>Adds the monthly quota.</summary>
internal static class QuotaExtensions
{
    /// <summary>Adds Redis and <see cref="EventQuota"/>. The web server stops before the adjustments, after all requests.</summary>
    public static IHostApplicationBuilder AddQuota(this IHostApplicationBuilder builder)
    {
        builder.AddRedis("events are accepted against the last monthly figures known here, and counted when it is back.");
        builder.Services.AddSingleton<KnownUsage>();
        builder.Services.AddSingleton<QuotaAdjustments>();
        builder.Services.AddHostedService(services => services.GetRequiredService<QuotaAdjustments>());
        builder.Services.AddSingleton<EventQuota>();
        return builder;
    }
}
