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
    /// <summary>All minutes that Redis still holds, at most some hundreds, each with when it changed last.</summary>
    internal async Task<Dictionary<string, double>> ChangesAsync()
    {
        var changes = await redis.RunAsync(database => database.SortedSetRangeByScoreWithScoresAsync(RedisKeys.ReceivedChanges));
        return changes.ToDictionary(change => change.Element.ToString(), change => change.Score);
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
            && ReceivedFields.ParseValue(field.Value.ToString()) is var (accepted, rejected)
                ? new(project, environment, minute, instance, accepted, rejected) : null;
}
