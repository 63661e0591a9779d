using SegOps.Cli.Replay;

namespace SegOps.Tests.Unit.Cli.Replay;

public sealed class RowPublisherTests
{
    [Fact]
    public void Messages_ManyRows_HoldAsManyAsARequestMay() =>
        Assert.Equal([500, 500, 201], RowPublisher.Messages(RowsOf(1_201, bytes: 10)).Select(message => message.Count));

    [Fact]
    public void Messages_LargeRows_AreCutByBytes() =>
        Assert.Equal([2, 2, 1], RowPublisher.Messages(RowsOf(5, bytes: 400_000)).Select(message => message.Count));

    [Fact]
    public void Messages_RowLargerThanAMessage_TravelsAlone() =>
        Assert.Equal([1, 1], RowPublisher.Messages(RowsOf(2, bytes: 1_500_000)).Select(message => message.Count));

    private static List<ReplayRow> RowsOf(int count, int bytes) =>
        [.. Enumerable.Range(0, count).Select(_ => new ReplayRow("prj_1", "live", Guid.NewGuid(), new byte[bytes]))];
}
