using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

public sealed class SessionTests(ClickHouseFixture fixture)
{
    [Fact]
    public async Task Session_TemporaryTableAndSettings_AreThereInTheNextCall()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var session = $"session_id={Unique.Name("s")}";
        await http.AskAsync("CREATE TEMPORARY TABLE mine (a UInt8)", session);
        await http.AskAsync("SET max_threads = 7", session);
        await http.AskAsync("INSERT INTO mine VALUES (5)", session);

        Assert.Equal("5\t7", await http.AskAsync("SELECT a, getSetting('max_threads') FROM mine", session));
    }

    [Fact]
    public async Task Session_SettingOfOneCall_DoesNotOutliveIt()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var session = $"session_id={Unique.Name("s")}";
        await http.AskAsync("SET max_threads = 7", session);

        Assert.Equal("3", await http.AskAsync("SELECT getSetting('max_threads')", session + "&max_threads=3"));

        Assert.Equal("7", await http.AskAsync("SELECT getSetting('max_threads')", session));
    }

    [Fact]
    public async Task Session_CheckedButUnknown_IsNotFound()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);

        using var response = await http.PostAsync("SELECT 1", $"session_id={Unique.Name("s")}&session_check=1");

        Assert.Equal("372", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
    }

    [Fact]
    public async Task Session_TimeoutOver_IsForgotten()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var session = $"session_id={Unique.Name("s")}";
        await http.AskAsync("CREATE TEMPORARY TABLE mine (a UInt8)", session + "&session_timeout=1");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        // Asking would keep the session alive: each attempt waits for longer than the timeout.
        string? code;
        do
        {
            await Task.Delay(TimeSpan.FromSeconds(3), patience.Token);
            using var response = await http.PostAsync("SELECT 1", session + "&session_check=1&session_timeout=1");
            code = response.Headers.TryGetValues("X-ClickHouse-Exception-Code", out var codes) ? codes.Single() : null;
        }
        while (code is null);

        Assert.Equal("372", code);
    }

    [Fact]
    public async Task Session_InUse_IsLocked()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var (id, session) = (Unique.Name("q"), $"session_id={Unique.Name("s")}");
        var running = http.PostAsync($"SELECT sum(sipHash64(number)), '{id}' FROM numbers(1000000000000)", $"{session}&query_id={id}");
        await http.UntilAsync($"SELECT count() FROM system.processes WHERE query LIKE '%{id}%' AND query NOT LIKE '%processes%'", "1");

        using var second = await http.PostAsync("SELECT 1", session);

        Assert.Equal("373", second.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        await http.AskAsync($"KILL QUERY WHERE query_id = '{id}' ASYNC");
        using var ended = await running;
        Assert.Equal("394", ended.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
    }
}
