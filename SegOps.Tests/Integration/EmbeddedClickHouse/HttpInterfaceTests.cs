using System.IO.Compression;
using System.Net;
using System.Text;
using K4os.Compression.LZ4.Streams;
using SegOps.Tests.Fixtures;
using ZstdSharp;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

public sealed class HttpInterfaceTests(ClickHouseFixture fixture)
{
    public static TheoryData<string> Encodings => ["gzip", "deflate", "br", "zstd", "lz4"];

    [Theory]
    [InlineData("GET", "ping")]
    [InlineData("GET", "")]
    [InlineData("GET", "replicas_status")]
    public async Task HealthPaths_WithoutCredentials_AnswerOk(string method, string path)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture, withCredentials: false);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));

        using var response = await http.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("Ok.\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ping_Head_Is200()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture, withCredentials: false);
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri("ping", UriKind.Relative));

        using var response = await http.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task UnknownPath_Get_Is404()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);

        using var response = await http.Client.GetAsync(new Uri("nowhere", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("SELECT 1 + 1", "", "2")]
    [InlineData("+ 1", "query=SELECT%202", "3")]
    [InlineData("", "query=SELECT%204", "4")]
    [InlineData("SELECT 1 AS a", "default_format=JSONEachRow", "{\"a\":1}")]
    [InlineData("SELECT 1 AS a FORMAT CSVWithNames", "default_format=JSONEachRow", "\"a\"\n1")]
    [InlineData("SELECT number FROM numbers(5) FORMAT Values", "max_block_size=2", "(0),(1),(2),(3),(4)")]
    [InlineData("SELECT {a:UInt8} + {b:UInt8}, {s:String}", "param_a=2&param_b=3&param_s=it%27s", "5\tit\\'s")]
    [InlineData("SELECT getSetting('max_threads')", "max_threads=3", "3")]
    [InlineData("SELECT 1", "wait_end_of_query=1", "1")]
    public async Task Query_WhereverItsPartsStand_IsAnswered(string body, string parameters, string answer)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);

        Assert.Equal(answer, await http.AskAsync(body, parameters));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Insert_EncodedBody_IsStored(string encoding)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        await http.AskAsync("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a");

        using var response = await http.PostAsync(Encode(encoding, "INSERT INTO t FORMAT CSV\n1\n2\n"), encoding: encoding);

        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("2\t3", await http.AskAsync("SELECT count(), sum(a) FROM t"));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Insert_TruncatedBody_StoresNothing(string encoding)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        await http.AskAsync("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a");
        var rows = string.Concat(Enumerable.Range(0, 200_000).Select(number => $"{number * 7919L % 1_000_003}\n"));
        var body = Encode(encoding, "INSERT INTO t FORMAT CSV\n" + rows);

        using var response = await http.PostAsync(body[..(body.Length - 12)], encoding: encoding);

        Assert.False(response.IsSuccessStatusCode);
        Assert.Equal("0", await http.AskAsync("SELECT count() FROM t"));
    }

    [Fact]
    public async Task Insert_SeveralZstdFrames_AreOneBody()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        await http.AskAsync("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a");
        byte[] body = [.. Encode("zstd", "{\"a\":1}\n"), .. Encode("zstd", "{\"a\":2}\n"), .. Encode("zstd", "{\"a\":3}\n")];

        using var response = await http.PostAsync(body, "query=INSERT%20INTO%20t%20FORMAT%20JSONEachRow&insert_deduplication_token=x&max_partitions_per_insert_block=0", "zstd");

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("1,2,3", await http.AskAsync("SELECT arrayStringConcat(groupArray(a), ',') FROM (SELECT a FROM t ORDER BY a)"));
        Assert.Contains("\"written_rows\":\"3\"", response.Headers.GetValues("X-ClickHouse-Summary").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Insert_RowsThroughInput_AreTransformed()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        await http.AskAsync("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a");

        await http.AskAsync("INSERT INTO t SELECT x * 10 FROM input('x UInt32, y String') WHERE y != 'no' FORMAT CSV\n1,yes\n2,no\n3,yes\n");

        Assert.Equal("2\t40", await http.AskAsync("SELECT count(), sum(a) FROM t"));
    }

    [Theory]
    [InlineData("SELECT", "", 62, HttpStatusCode.BadRequest)]
    [InlineData("", "", 62, HttpStatusCode.BadRequest)]
    [InlineData("SELECT 1; SELECT 2", "", 62, HttpStatusCode.BadRequest)]
    [InlineData("SELECT * FROM nowhere", "", 60, HttpStatusCode.NotFound)]
    [InlineData("SELECT nothing", "", 47, HttpStatusCode.NotFound)]
    [InlineData("SELECT 1", "no_such_setting=1", 115, HttpStatusCode.NotFound)]
    [InlineData("SELECT 1 FORMAT Bogus", "", 73, HttpStatusCode.NotFound)]
    [InlineData("INSERT INTO nowhere FORMAT CSV\n1", "", 60, HttpStatusCode.NotFound)]
    [InlineData("SELECT throwIf(number = 10) FROM numbers(20)", "", 395, HttpStatusCode.InternalServerError)]
    [InlineData("SELECT throwIf(number = 900000) FROM numbers(1000000)", "wait_end_of_query=1", 395, HttpStatusCode.InternalServerError)]
    [InlineData("SELECT sum(sipHash64(number)) FROM numbers(100000000000)", "max_execution_time=1", 159, HttpStatusCode.RequestTimeout)]
    [InlineData("SELECT 1 INTO OUTFILE 'x'", "", 358, HttpStatusCode.InternalServerError)]
    public async Task Query_ThatFails_AnswersClickHousesError(string sql, string parameters, int code, HttpStatusCode status)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);

        using var response = await http.PostAsync(sql, parameters);

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith($"Code: {code}. DB::Exception: ", text, StringComparison.Ordinal);
        Assert.Equal($"{code}", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Insert_OneBadRow_StoresNoneAndSaysSo()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        await http.AskAsync("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a");

        using var response = await http.PostAsync("INSERT INTO t FORMAT CSV\n1\nnot a number\n3\n");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("0", await http.AskAsync("SELECT count() FROM t"));
    }

    [Theory]
    [InlineData("CREATE TABLE t (a UInt8) ENGINE = Memory")]
    [InlineData("INSERT INTO t VALUES (1)")]
    [InlineData("DROP DATABASE x")]
    public async Task Get_StatementThatChanges_IsReadonly(string sql)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        await http.AskAsync("CREATE TABLE existing (a UInt8) ENGINE = Memory");

        using var response = await http.Client.GetAsync(new Uri($"?database={http.Database}&query={Uri.EscapeDataString(sql)}", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("164", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
    }

    [Fact]
    public async Task Query_MidStreamError_EndsWithTheTaggedTrailerAndNoEndOfBody()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("?max_block_size=1000&max_threads=1&http_response_buffer_size=1&http_write_exception_in_output_format=0", UriKind.Relative))
        {
            Content = new StringContent("SELECT number, repeat('x', 1000), throwIf(number = 9000) FROM system.numbers LIMIT 10000"),
        };
        using var response = await http.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var received = new MemoryStream();

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(received, TestContext.Current.CancellationToken));

        var tag = response.Headers.GetValues("X-ClickHouse-Exception-Tag").Single();
        var text = Encoding.UTF8.GetString(received.ToArray());
        Assert.Contains($"__exception__\r\n{tag}\r\nCode: 395.", text, StringComparison.Ordinal);
        Assert.EndsWith($" {tag}\r\n__exception__\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_Answer_NameQueryFormatAndTimezone()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        var id = Unique.Name("query-");

        using var response = await http.PostAsync("SELECT 1 FORMAT JSONEachRow", $"query_id={id}");

        Assert.Equal(id, response.Headers.GetValues("X-ClickHouse-Query-Id").Single());
        Assert.Equal("JSONEachRow", response.Headers.GetValues("X-ClickHouse-Format").Single());
        Assert.NotEmpty(response.Headers.GetValues("X-ClickHouse-Timezone").Single());
    }

    [Fact]
    public async Task Form_MultipartFields_AreQueryAndParameters()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("SELECT {x:UInt8} * 2"), "query" },
            { new StringContent("21"), "param_x" },
        };

        using var response = await http.Client.PostAsync(new Uri("", UriKind.Relative), form, TestContext.Current.CancellationToken);

        Assert.Equal("42\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task UrlEncodedContentType_AsCurlSendsIt_IsARawBody()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);
        using var content = new StringContent("SELECT 'a=b&c%20d'", Encoding.UTF8, "application/x-www-form-urlencoded");

        using var response = await http.Client.PostAsync(new Uri("", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal("a=b&c%20d\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static byte[] Encode(string encoding, string text)
    {
        using var bytes = new MemoryStream();
        using (Stream encoder = encoding switch
        {
            "gzip" => new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            "zstd" => new CompressionStream(bytes, leaveOpen: true),
            _ => LZ4Stream.Encode(bytes, leaveOpen: true),
        })
            encoder.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
