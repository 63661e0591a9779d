using System.Globalization;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using StackExchange.Redis;

namespace SegOps.Tests.Integration.Ingestion.Audit;

/// <summary>What Redis holds of a project's received events.</summary>
internal sealed class Received : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _redis;

    private Received(ConnectionMultiplexer redis) => _redis = redis;

    public static async Task<Received> ConnectAsync(string redis) => new(await ConnectionMultiplexer.ConnectAsync(redis));

    /// <summary>Accepted and rejected, of all minutes and instances; null while Redis is away.</summary>
    public async Task<(long Accepted, long Rejected)?> ReadAsync(string project)
    {
        try
        {
            var database = _redis.GetDatabase();
            (long Accepted, long Rejected) sum = (0, 0);
            foreach (var minute in await database.SortedSetRangeByScoreAsync(RedisKeys.ReceivedChanges))
            {
                foreach (var (name, value) in (await database.HashGetAllAsync(RedisKeys.Received(minute.ToString()))).Select(field => (field.Name, field.Value)))
                {
                    if (ReceivedFields.Parse(name!)?.Project == project && ((string)value!).Split(' ') is [var accepted, var rejected])
                        sum = (sum.Accepted + long.Parse(accepted, CultureInfo.InvariantCulture), sum.Rejected + long.Parse(rejected, CultureInfo.InvariantCulture));
                }
            }
            return sum;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Waits until it is so.</summary>
    public Task WaitForAsync(string project, long accepted, long rejected) =>
        Eventually.IsAsync<(long, long)?>((accepted, rejected), async () => await ReadAsync(project));

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
