using System.Net.Sockets;
using System.Text;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

public sealed class CancellationTests(ClickHouseFixture fixture)
{
    [Fact]
    public async Task Select_ClientGoes_EndsInTheEngine()
    {
        Assert.SkipWhen(IsRealServer, "a real server ends a query only with cancel_http_readonly_queries_on_client_close");
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var mark = Unique.Name("mark");
        using var client = new CancellationTokenSource();
        var running = http.Client.PostAsync(new Uri("", UriKind.Relative), new StringContent($"SELECT sum(sipHash64(number)), '{mark}' FROM numbers(1000000000000)"), client.Token);
        await http.UntilAsync(Running(mark), "1");

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await http.UntilAsync(Running(mark), "0");
    }

    [Fact]
    public async Task Select_KilledByItsQueryId_EndsWithError394()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var id = Unique.Name("q");
        var running = http.PostAsync($"SELECT sum(sipHash64(number)), '{id}' FROM numbers(1000000000000)", $"query_id={id}");
        await http.UntilAsync(Running(id), "1");

        await http.AskAsync($"KILL QUERY WHERE query_id = '{id}' ASYNC");

        using var response = await running;
        Assert.Equal("394", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
    }

    [Fact]
    public async Task Query_IdAlreadyRunning_IsRefused()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var id = Unique.Name("q");
        var running = http.PostAsync($"SELECT sum(sipHash64(number)), '{id}' FROM numbers(1000000000000)", $"query_id={id}");
        await http.UntilAsync(Running(id), "1");

        using var second = await http.PostAsync("SELECT 1", $"query_id={id}");

        Assert.Equal("216", second.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        await http.AskAsync($"KILL QUERY WHERE query_id = '{id}' ASYNC");
        (await running).Dispose();
    }

    [Theory]
    [InlineData("Content-Length: 1000000", "1\n2\n3\n")]
    [InlineData("Transfer-Encoding: chunked", "6\r\n1\n2\n3\n\r\n")]
    public async Task Insert_ConnectionBreaksBeforeTheBodyEnds_StoresNothing(string header, string body)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        await http.AskAsync("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a");
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(http.Host, http.Port, TestContext.Current.CancellationToken);
            var head = $"POST /?database={http.Database}&query=INSERT%20INTO%20t%20FORMAT%20CSV HTTP/1.1\r\nHost: x\r\nAuthorization: {ClickHouseHttp.Basic(http.User, http.Password)}\r\n{header}\r\n\r\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + body), TestContext.Current.CancellationToken);
        }

        // The server has noticed when nothing inserts into the table any more; an insert that still did would show.
        await http.UntilAsync($"SELECT count() FROM system.processes WHERE query LIKE 'INSERT%' AND current_database = '{http.Database}'", "0");
        await http.AskAsync("INSERT INTO t VALUES (99)");
        Assert.Equal("99", await http.AskAsync("SELECT arrayStringConcat(groupArray(a), ',') FROM t"));
    }

    private static bool IsRealServer => Environment.GetEnvironmentVariable("SEGOPS_TEST_CLICKHOUSE") is { Length: > 0 };

    private static string Running(string mark) => $"SELECT count() FROM system.processes WHERE query LIKE '%{mark}%' AND query NOT LIKE '%system.processes%'";
}
