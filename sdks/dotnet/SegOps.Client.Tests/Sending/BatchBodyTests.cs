using System.Text;
using SegOps.Client.Events;
using SegOps.Client.Sending;

namespace SegOps.Client.Tests.Sending;

public class BatchBodyTests
{
    [Fact]
    public void Write_Events_AreTheirOwnBytes()
    {
        var batch = new[] { """{"a":1}""", """{"b":"é"}""" }.Select(json => new QueuedEvent(Guid.NewGuid(), "a", Encoding.UTF8.GetBytes(json), false)).ToArray();

        var body = BatchBody.Write(batch, new DateTimeOffset(2026, 1, 2, 5, 4, 5, 678, TimeSpan.FromHours(2)));

        Assert.Equal("""{"sent_at":"2026-01-02T03:04:05.678Z","events":[{"a":1},{"b":"é"}]}""", Encoding.UTF8.GetString(body));
        Assert.Equal(BatchBody.Overhead + batch.Sum(queued => queued.Json.Length + 1), body.Length);
    }
}
