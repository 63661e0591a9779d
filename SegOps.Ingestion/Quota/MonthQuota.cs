using System.Globalization;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.Ingestion.Track;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Ingestion.Quota;

/// <summary>
/// Reserves live events of the calendar month before they are published, exactly while Redis answers; else against the last figure known
/// here. docs/decisions/0009-monthly-quota.md says what is approximate then.
/// </summary>
internal sealed class MonthQuota(RedisConnection redis, UsageLedger ledger, KnownUsage known, TimeProvider clock, IngestionTelemetry telemetry)
{
    private static readonly string Reserve = UsageScripts.Month + RedisExtensions.ReadScript(typeof(MonthQuota), "reserve.lua");

    /// <summary>Reserves <paramref name="count"/> events, all or none, with the limit and the time to wait that the gateway's headers give.</summary>
    public async Task<Reservation> ReserveAsync(RequestStamp stamp, int count, IHeaderDictionary headers)
    {
        if (stamp.Environment != Contracts.Environments.Live)
            return Reservation.NotCounted;

        var limit = headers.Figure(InternalHeaders.EventsPerMonth);
        var budget = headers.RedisDeadline(redis);
        var attempt = new ReserveAttempt(Reserve, RedisKeys.Usage(stamp.ProjectId), count, limit);
        Reservation reservation;
        try
        {
            var answer = await redis.AskAsync(attempt.SendAsync, budget);
            reservation = new((int)answer[0] == 1, count, (string)answer[2]!, (long)answer[1], TimeSpan.FromSeconds((long)answer[3]));
            known.Learn(stamp.ProjectId, reservation.Month, reservation.Used!.Value);
            telemetry.Quota(reservation.Granted ? "reserved" : "refused", count);
        }
        catch (RedisUnavailableException)
        {
            reservation = ReserveWithoutRedis(stamp, count, limit);
            _ = SettleLaterAsync(attempt, stamp.ProjectId, reservation);
        }

        return reservation;
    }

    /// <summary>Gives back what was not published, or may not have been; returns at once.</summary>
    public void GiveBack(string project, Reservation reservation)
    {
        if (reservation.Count == 0)
            return;
        ledger.Add(project, reservation.Month, -reservation.Count);
        telemetry.Quota("given_back", reservation.Count);
    }

    private Reservation ReserveWithoutRedis(RequestStamp stamp, int count, long? limit)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var month = now.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var (fits, used) = known.Take(stamp.ProjectId, month, count, limit);
        telemetry.Quota(fits ? "without_redis" : "refused", count);
        return new(fits, count, month, used, new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1) - now);
    }

    /// <summary>Lets Redis's figure catch up with what was decided without it, once it is known what became of the late attempt.</summary>
    private async Task SettleLaterAsync(ReserveAttempt attempt, string project, Reservation reservation)
    {
        var reserved = await attempt.GiveUpAsync();
        if (reserved != reservation.Granted)
            ledger.Add(project, reservation.Month, reserved ? -reservation.Count : reservation.Count);
    }
}
