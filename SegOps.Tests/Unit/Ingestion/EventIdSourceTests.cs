using SegOps.Ingestion.Parsing;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class EventIdSourceTests
{
    [Fact]
    public void Create_Many_AreDifferentVersion7IdsOfTheTime()
    {
        var time = Parse.Metadata.ReceivedAt;
        var prefix = Guid.CreateVersion7(time).ToString()[..13];

        var ids = Enumerable.Range(0, 2_000).Select(_ => EventIdSource.Create(time)).ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches($"^{prefix}-7[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-", id.ToString()));
    }

    [Fact]
    public void Create_OnManyThreads_AreDifferent()
    {
        var ids = ParallelEnumerable.Range(0, 50_000).Select(_ => EventIdSource.Create(Parse.Metadata.ReceivedAt)).ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }
}
