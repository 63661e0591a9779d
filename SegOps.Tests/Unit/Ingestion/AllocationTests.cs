using System.Text;
using SegOps.Ingestion.Parsing;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class AllocationTests
{
    [Fact]
    public void Parse_ABatchOf500_AllocatesLessThan100BytesAnEvent()
    {
        var one = """{"user_id":"user-\u0031","event_type":"page_viewed","occurred_at":"2025-01-01T00:00:00Z","payload":{"path":"/pricing","total":89.95}}""";
        var body = Encoding.UTF8.GetBytes($$"""{"events":[{{string.Join(',', Enumerable.Repeat(one, 500))}}]}""");
        Allocated(body);

        // The least of some attempts: a pool that was trimmed in between is not the parser's doing.
        Assert.InRange(Enumerable.Range(0, 20).Min(_ => Allocated(body)), 1, 500 * 100);
    }

    private static long Allocated(byte[] body)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var parsed = TrackParser.Parse(body, Parse.Metadata, isBatch: true).Request!)
            Assert.Equal(500, parsed.Accepted);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
