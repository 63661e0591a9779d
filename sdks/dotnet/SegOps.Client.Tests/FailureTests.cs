namespace SegOps.Client.Tests;

public class FailureTests
{
    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(202)]
    public async Task Send_TransientAnswer_SendsTheSameBytesAfterTheBackoff(int status)
    {
        await using var bench = new Bench();

        bench.Track();
        var first = await bench.Server.NextAsync();
        first.Answer(status, "<html>");
        var (wait, second) = await bench.NextAfterWaitAsync();
        second.Accept();
        await bench.Client.FlushAsync();

        Assert.Equal(TimeSpan.FromSeconds(1), wait);
        Assert.Equal(first.Texts, second.Texts);
        Assert.NotEqual((string?)first.Body["sent_at"], (string?)second.Body["sent_at"]);
        Assert.Equal(1, bench.Client.GetStats().Accepted);
    }

    [Fact]
    public async Task Send_FailuresInARow_DoubleTheWait()
    {
        await using var bench = new Bench();

        bench.Track();
        (await bench.Server.NextAsync()).Throw(new HttpRequestException("refused"));
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var (wait, request) = await bench.NextAfterWaitAsync();
            waits.Add(wait.TotalSeconds);
            request.Throw(new InvalidCastException("not expected"));
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits);
    }

    [Fact]
    public async Task Send_NoAnswer_EndsWithTheTimeout()
    {
        await using var bench = new Bench();

        bench.Track();
        await bench.Server.NextAsync();
        bench.Clock.Advance(TimeSpan.FromSeconds(15));
        var (wait, _) = await bench.NextAfterWaitAsync();

        Assert.Equal(TimeSpan.FromSeconds(1), wait);
    }

    [Theory]
    [InlineData(503, "stream_unavailable")]
    [InlineData(429, "rate_limited")]
    [InlineData(429, "too_many_failures")]
    public async Task Send_RetryAfter_IsAFloor(int status, string code)
    {
        await using var bench = new Bench();

        bench.Track();
        (await bench.Server.NextAsync()).Problem(status, code, ("Retry-After", "90"));
        var wait = await bench.WaitAsync();
        bench.Track();
        var flush = bench.Client.FlushAsync(TimeSpan.FromSeconds(30));
        await bench.Clock.TimerAsync(timer => timer == TimeSpan.FromSeconds(30));
        bench.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(TimeSpan.FromSeconds(90), wait);
        Assert.Equal(2, (await flush).Remaining);
        Assert.False(bench.Server.HasRequest);
    }

    [Fact]
    public async Task Send_RateLimitUsedUp_WaitsBeforeTheNextRequest()
    {
        await using var bench = new Bench();

        bench.Track();
        (await bench.Server.NextAsync()).Accept(("RateLimit", "\"minute\";r=0;t=17"));
        await bench.Client.FlushAsync();
        bench.Track();
        var (wait, _) = await bench.NextAfterWaitAsync();

        Assert.Equal(TimeSpan.FromSeconds(17), wait);
    }

    [Fact]
    public async Task Send_Partial_DropsExactlyTheRejected()
    {
        await using var bench = new Bench(o => o.FlushAt = 3);

        var ids = bench.Track(3);
        (await bench.Server.NextAsync()).Answer(202, """
            {"accepted":2,"rejected":1,"errors":[{"index":1,"field":"payload","code":"payload_too_deep","message":"m"}],
             "warnings":[{"index":2,"field":"user_id","code":"suspicious_user_id","message":"w"}]}
            """);
        var drop = await bench.DropAsync();
        var warning = await bench.WarningAsync();

        Assert.Equal(
            (ids[1], DropReason.Rejected, 202, "payload_too_deep", "payload", "m"),
            (drop.EventId, drop.Reason, drop.Status!.Value, drop.Code, drop.Field, drop.Message));
        Assert.Equal((ids[2], "suspicious_user_id"), (warning.EventId!.Value, warning.Code));
        Assert.Equal((2, 1, 0), (bench.Client.GetStats().Accepted, bench.Client.GetStats().Rejected, bench.Client.GetStats().Dropped));
    }

    [Fact]
    public async Task Send_ValidationFailed_DropsTheNamedAndSendsTheOthersAgain()
    {
        await using var bench = new Bench(o => o.FlushAt = 3);

        var ids = bench.Track(3);
        (await bench.Server.NextAsync()).Answer(400, """{"code":"validation_failed","errors":[{"index":0,"code":"empty"},{"index":2,"code":"empty"}]}""");
        var again = await bench.Server.NextAsync();
        again.Accept();

        Assert.Equal([ids[1].ToString()], again.Ids);
        Assert.Equal([ids[0], ids[2]], new[] { (await bench.DropAsync()).EventId, (await bench.DropAsync()).EventId });
    }

    [Theory]
    [InlineData(400, "malformed_json")]
    [InlineData(400, "batch_too_large")]
    [InlineData(422, "whatever")]
    public async Task Send_OnePoisonedEvent_IsFoundByHalving(int status, string code)
    {
        await using var bench = new Bench(o => o.FlushAt = 64);
        var ids = bench.Track(63);
        var poison = bench.Client.Track("user", "poison");

        var request = await bench.Server.NextAsync();
        while (request.Events.Count > 1 || !request.Ids.Contains(poison.ToString()))
        {
            if (request.Ids.Contains(poison.ToString()))
            {
                request.Problem(status, code);
                request = (await bench.NextAfterWaitAsync()).Request;
            }
            else
            {
                request.Accept();
                request = await bench.Server.NextAsync();
            }
        }

        request.Problem(status, code);
        var drop = await bench.DropAsync();

        Assert.Equal((poison, DropReason.Rejected, code), (drop.EventId, drop.Reason, drop.Code));
        Assert.Equal(ids.Length, bench.Client.GetStats().Accepted);
    }

    [Fact]
    public async Task Send_TooLarge_HalvesTheBytes()
    {
        await using var bench = new Bench(o => o.FlushAt = 16);

        bench.Track(16);
        (await bench.Server.NextAsync()).Problem(413, "body_too_large");
        var (_, second) = await bench.NextAfterWaitAsync();
        Assert.InRange(second.Events.Count, 6, 8);
        second.Accept();
        var third = await bench.Server.NextAsync();

        Assert.InRange(third.Events.Count, 6, 8);
    }

    [Fact]
    public async Task Send_TooLargeAlone_DropsTheEvent()
    {
        await using var bench = new Bench();

        var id = bench.Track();
        (await bench.Server.NextAsync()).Problem(413, "body_too_large");
        var drop = await bench.DropAsync();

        Assert.Equal((id, DropReason.TooLarge, 413), (drop.EventId, drop.Reason, drop.Status!.Value));
    }

    [Fact]
    public async Task Send_BadRequest_IsRetriedTwiceThenTheEventsFault()
    {
        await using var bench = new Bench();

        bench.Track();
        (await bench.Server.NextAsync()).Problem(400, "bad_request");
        (await bench.NextAfterWaitAsync()).Request.Problem(400, "bad_request");
        (await bench.NextAfterWaitAsync()).Request.Problem(400, "bad_request");

        Assert.Equal(DropReason.Rejected, (await bench.DropAsync()).Reason);
    }

    [Fact]
    public async Task Send_UnsupportedEncoding_SendsPlainAtOnceAndFromThenOn()
    {
        // The process remembers such servers, so this one is no other test's.
        await using var bench = new Bench(o => { o.FlushAt = 20; o.ApiUrl = new Uri("https://plain.segops.test"); });

        bench.Track(20);
        var first = await bench.Server.NextAsync();
        first.Problem(415, "unsupported_media_type");
        var second = await bench.Server.NextAsync();
        second.Accept();
        await bench.Client.FlushAsync();
        bench.Track(20);
        var third = await bench.Server.NextAsync();

        Assert.Equal((true, false, false), (first.Compressed, second.Compressed, third.Compressed));
        Assert.Equal(first.Texts, second.Texts);
    }

    [Fact]
    public async Task Send_SmallBody_IsPlain()
    {
        await using var bench = new Bench();

        bench.Track();

        Assert.False((await bench.Server.NextAsync()).Compressed);
    }

    [Fact]
    public async Task Send_NeverAccepted_ExpiresAfterADay()
    {
        await using var bench = new Bench(o => o.MaxEventAge = TimeSpan.FromMinutes(1));

        var id = bench.Track();
        (await bench.Server.NextAsync()).Problem(503, "stream_unavailable", ("Retry-After", "3600"));
        var wait = await bench.WaitAsync();
        bench.Clock.Advance(wait);
        var drop = await bench.DropAsync();

        Assert.Equal(TimeSpan.FromMinutes(1), wait);
        Assert.Equal((id, DropReason.Expired), (drop.EventId, drop.Reason));
    }
}
