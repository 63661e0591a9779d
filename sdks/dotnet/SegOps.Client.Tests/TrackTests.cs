using System.Text.Json.Nodes;

namespace SegOps.Client.Tests;

public class TrackTests
{
    [Fact]
    public async Task Track_OneEvent_IsSentWithItsIdAndTime()
    {
        await using var bench = new Bench();

        var id = bench.Track("user-123");
        var request = await bench.Server.NextAsync();
        request.Accept();

        Assert.Equal([id.ToString()], request.Ids);
        Assert.Equal("2026-01-02T03:04:05.678Z", (string?)request.Events[0]!["occurred_at"]);
        Assert.Equal("2026-01-02T03:04:05.678Z", (string?)request.Body["sent_at"]);
        Assert.Equal("https://segops.test/api/ingestion/track/batch/", request.Url.AbsoluteUri);
        Assert.Equal("ApiKey sk_test_key", request.Headers.Authorization!.ToString());
        Assert.Matches(@"^segops-dotnet/0\.1\.0 \(\.NET [0-9.]+; \w+\)$", request.Headers.UserAgent.ToString());
    }

    [Fact]
    public async Task Track_OwnIdAndTime_AreKept()
    {
        await using var bench = new Bench();
        var id = new Guid("01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41");

        var returned = bench.Client.Track("user", "a", occurredAt: new DateTimeOffset(2025, 1, 2, 3, 4, 5, 6, TimeSpan.Zero), eventId: id);
        var request = await bench.Server.NextAsync();

        Assert.Equal(id, returned);
        Assert.Equal([id.ToString()], request.Ids);
        Assert.Equal("2025-01-02T03:04:05.006Z", (string?)request.Events[0]!["occurred_at"]);
    }

    [Fact]
    public async Task Track_PayloadChangesLater_SendsWhatItWas()
    {
        await using var bench = new Bench();
        var payload = new JsonObject { ["total"] = 1 };

        bench.Client.Track("user", "a", payload);
        payload["total"] = 2;
        var request = await bench.Server.NextAsync();

        Assert.Equal("""{"total":1}""", request.Events[0]!["payload"]!.ToJsonString());
    }

    [Fact]
    public async Task Identify_Traits_AreAnEvent()
    {
        await using var bench = new Bench();

        bench.Client.Identify("user-123", new { plan = "starter" });
        var request = await bench.Server.NextAsync();

        Assert.Equal("context_identified", (string?)request.Events[0]!["event_type"]);
        Assert.Equal("""{"plan":"starter"}""", request.Events[0]!["payload"]!.ToJsonString());
    }

    [Fact]
    public async Task Track_Invalid_IsDroppedWithTheReason()
    {
        await using var bench = new Bench();

        var id = bench.Client.Track("", "order_placed");
        var drop = await bench.DropAsync();

        Assert.Equal((id, "order_placed", DropReason.Invalid, "empty", "user_id"), (drop.EventId, drop.EventType, drop.Reason, drop.Code, drop.Field));
        Assert.Equal((1, 1), (bench.Client.GetStats().Tracked, bench.Client.GetStats().Dropped));
    }

    [Fact]
    public async Task Track_Null_DoesNotThrow()
    {
        await using var bench = new Bench();

        bench.Client.Track(null!, null!);
        bench.Client.Identify(null!, null!);

        Assert.Equal(2, bench.Client.GetStats().Drops[DropReason.Invalid]);
    }

    [Fact]
    public async Task Track_NotSnakeCase_WarnsOnceAndIsSent()
    {
        await using var bench = new Bench();

        bench.Client.Track("user", "orderPlaced");
        var request = await bench.Server.NextAsync();
        request.Answer(202, """
            {"accepted":1,"rejected":0,"warnings":[
              {"index":0,"field":"event_type","code":"event_type_not_snake_case","message":"m"},
              {"index":0,"field":"user_id","code":"suspicious_user_id","message":"m"}]}
            """);

        Assert.Equal("event_type_not_snake_case", (await bench.WarningAsync()).Code);
        Assert.Equal("suspicious_user_id", (await bench.WarningAsync()).Code);
    }

    [Fact]
    public async Task Track_QueueFull_IsDroppedAndOlderEventsAreSent()
    {
        await using var bench = new Bench(o => { o.FlushAt = 100; o.MaxQueueEvents = 3; });

        var ids = bench.Track(4);
        var drop = await bench.DropAsync();
        var flush = bench.Client.FlushAsync();
        var request = await bench.Server.NextAsync();
        request.Accept();
        await flush;

        Assert.Equal((ids[3], DropReason.QueueFull), (drop.EventId, drop.Reason));
        Assert.Equal(ids[..3].Select(id => id.ToString()), request.Ids);
    }

    [Fact]
    public async Task Track_Disabled_DoesNothing()
    {
        await using var bench = new Bench(o => { o.Enabled = false; o.ApiKey = ""; });

        Assert.NotEqual(Guid.Empty, bench.Track());
        await bench.Client.FlushAsync();

        Assert.Equal(0, bench.Client.GetStats().Tracked);
        Assert.False(bench.Server.HasRequest);
    }

    [Fact]
    public async Task Track_ThrowingCallbackAndLogger_BreakNothing()
    {
        await using var bench = new Bench(o => o.OnDrop = _ => throw new InvalidOperationException("secret"));

        bench.Client.Track("", "a");
        bench.Track();
        (await bench.Server.NextAsync()).Accept();
        await bench.Client.FlushAsync();
        await bench.Client.ShutdownAsync();

        Assert.Contains(bench.Logger.Collector.GetSnapshot(), line => line.Message.StartsWith("The callback OnDrop threw", StringComparison.Ordinal));
        Assert.DoesNotContain(bench.Logger.Collector.GetSnapshot(), line => line.Message.Contains("secret", StringComparison.Ordinal));
    }
}
