using System.Globalization;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Monitoring.Ledger;

/// <summary>What one instance of Ingestion answered in one minute to one project: a row of the table <c>received_by_minute</c>.</summary>
internal sealed record ReceivedRow(string ProjectId, string Environment, long Minute, string Instance, long Accepted, long Rejected);

/// <summary>Reads what Ingestion counted from Redis; see <see cref="ReceivedFields"/>.</summary>
internal sealed class ReceivedMinutes(RedisConnection redis)
{
    /// <summary>Looked back further than the last change seen: Redis's clock may be set back a little, and copying again does no harm.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    /// <summary>Minutes that changed since <paramref name="since"/> (Unix time in milliseconds of Redis's clock), and when the last of them did.</summary>
    internal async Task<(List<string> Minutes, double Last)> ChangedAsync(double since)
    {
        var changes = await redis.RunAsync(database =>
            database.SortedSetRangeByScoreWithScoresAsync(RedisKeys.ReceivedChanges, since - Overlap.TotalMilliseconds));
        return ([.. changes.Select(change => change.Element.ToString())], changes.Length == 0 ? since : changes[^1].Score);
    }

    /// <summary>All that was counted in <paramref name="minute"/>.</summary>
    internal async Task<IEnumerable<ReceivedRow>> ReadAsync(string minute)
    {
        if (!DateTimeOffset.TryParseExact(minute, ReceivedFields.MinuteFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return [];
        var fields = await redis.RunAsync(database => database.HashGetAllAsync(RedisKeys.Received(minute)));
        return fields.Select(field => Row(at.ToUnixTimeSeconds(), field)).OfType<ReceivedRow>();
    }

    private static ReceivedRow? Row(long minute, HashEntry field) =>
        ReceivedFields.Parse(field.Name!) is var (instance, environment, project)
            && field.Value.ToString().Split(' ') is [var accepted, var rejected]
            && long.TryParse(accepted, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
            && long.TryParse(rejected, NumberStyles.None, CultureInfo.InvariantCulture, out var r)
                ? new(project, environment, minute, instance, a, r) : null;
}
