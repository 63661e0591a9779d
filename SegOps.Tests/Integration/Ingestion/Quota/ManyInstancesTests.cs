using System.Net;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub;

namespace SegOps.Tests.Integration.Ingestion.Quota;

public sealed class ManyInstancesTests(RedisFixture redis)
{
    private const int Instances = 8;
    private const int Each = 10;
    private const int Limit = 60;

    /// <summary>The smallest batches alone would not fit, so that less than one of them is left at the end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(2, 7, 20)]
    public async Task TrackBatch_EightInstancesAtTheEdgeOfTheMonth_AcceptsWhatFitsAndNoMore(params int[] sizes)
    {
        var project = Unique.Name("project_");
        var connection = await redis.ConnectionStringAsync();
        await using var usage = await Usage.ConnectAsync(connection);
        await using var stream = await FakePubSub.StartAsync();
        var instances = await Task.WhenAll(Enumerable.Range(0, Instances).Select(_ => IngestionUnderTest.StartAsync(
            stream.ConnectionString, $"--ConnectionStrings:redis={connection}", "--Redis:Deadline=00:01:00", "--Redis:CommandTimeout=00:01:00")));
        try
        {
            var batches = from _ in Enumerable.Range(0, Each) from size in sizes from instance in instances select AcceptedAsync(instance, project, size);
            var accepted = (await Task.WhenAll(batches)).Sum();

            Assert.InRange(accepted, Limit - sizes.Min() + 1, Limit);
            Assert.Equal(accepted, await usage.ReadAsync(project));
        }
        finally
        {
            foreach (var instance in instances)
                await instance.DisposeAsync();
        }
    }

    /// <summary>How many events of a batch were accepted: all or none.</summary>
    private static async Task<int> AcceptedAsync(IngestionUnderTest instance, string project, int size)
    {
        using var answer = await QuotaTests.SendAsync(instance, project, size, Limit);
        if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            return 0;
        Assert.Equal(size, (await IngestionUnderTest.AssertAcceptedAsync(answer)).GetProperty("accepted").GetInt32());
        return size;
    }
}
