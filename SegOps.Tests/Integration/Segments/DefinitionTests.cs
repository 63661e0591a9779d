using System.Net;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Creates, reads, changes and deletes segments.</summary>
public sealed class DefinitionTests(RedisFixture redis, ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private WarehouseTables _tables = null!;
    private SegmentsUnderTest _segments = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _segments = await SegmentsUnderTest.StartAsync(_tables.ConnectionString, await redis.ConnectionStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _segments.DisposeAsync();
        _tables.Dispose();
    }

    [Fact]
    public async Task Create_ValidRule_IsReadBackAsItWasSent()
    {
        using var created = await _segments.SendAsync(HttpMethod.Post, body: SegmentsUnderTest.Body(SegmentsUnderTest.Starter, "Zürich <b>"));

        var segment = JsonElement.Parse(await created.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("\"1\"", created.Headers.ETag?.Tag);
        Assert.Equal($"/api/segments/{segment.GetProperty("id").GetString()}", created.Headers.Location?.OriginalString);
        Assert.Equal("Zürich <b>", segment.GetProperty("name").GetString());
        Assert.Equal("computing", segment.GetProperty("state").GetString());
        var read = await _segments.JsonAsync(HttpMethod.Get, segment.GetProperty("id").GetString()!);
        Assert.Equal(SegmentsUnderTest.Starter, read.GetProperty("rule").GetRawText());
        Assert.Equal(1, read.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task List_SeveralSegments_AreThoseOfTheProjectAndEnvironmentByName()
    {
        foreach (var name in (string[])["b", "c", "a"])
            await _segments.CreateAsync(name: name);

        var list = await _segments.JsonAsync(HttpMethod.Get);

        Assert.Equal(["a", "b", "c"], list.GetProperty("segments").EnumerateArray().Select(segment => segment.GetProperty("name").GetString()));
        using var test = await _segments.SendAsync(HttpMethod.Get, environment: Environments.Test);
        Assert.Equal("""{"segments":[]}""", await test.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Segment_OfAnotherProject_IsNotFound()
    {
        var id = await _segments.CreateAsync();

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete])
        {
            using var answer = await _segments.SendAsync(method, $"{id}", SegmentsUnderTest.Body(SegmentsUnderTest.Starter), project: "another", ifMatch: "*");
            await ProblemAnswer.ReadAsync(HttpStatusCode.NotFound, ErrorCodes.SegmentNotFound, answer);
        }
    }

    [Theory]
    [InlineData("not-an-id")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("{00000000-0000-0000-0000-000000000000}")]
    public Task Get_UnknownId_IsNotFound(string id) => _segments.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.SegmentNotFound, HttpMethod.Get, id);

    [Fact]
    public async Task Put_TheVersionThatWasRead_ReplacesIt()
    {
        var id = await _segments.CreateAsync();
        var rule = SegmentsUnderTest.Starter.Replace("starter", "free", StringComparison.Ordinal);

        using var answer = await _segments.SendAsync(HttpMethod.Put, $"{id}", SegmentsUnderTest.Body(rule, "Free"), ifMatch: "\"1\"");

        Assert.Equal((HttpStatusCode.OK, "\"2\""), (answer.StatusCode, answer.Headers.ETag?.Tag));
        var read = await _segments.JsonAsync(HttpMethod.Get, $"{id}");
        Assert.Equal(("Free", rule, 2L), (read.GetProperty("name").GetString(), read.GetProperty("rule").GetRawText(), read.GetProperty("version").GetInt64()));
    }

    [Fact]
    public async Task Put_WithoutIfMatch_IsRefused() => await _segments.ProblemAsync(
        (HttpStatusCode)428, ErrorCodes.PreconditionRequired, HttpMethod.Put, $"{await _segments.CreateAsync()}", SegmentsUnderTest.Body(SegmentsUnderTest.Starter));

    [Theory]
    [InlineData("\"2\"")]
    [InlineData("W/\"1\"")]
    [InlineData("1")]
    public async Task Put_AnotherVersion_IsRefused(string ifMatch) => await _segments.ProblemAsync(
        HttpStatusCode.PreconditionFailed, ErrorCodes.SegmentChanged, HttpMethod.Put, $"{await _segments.CreateAsync()}", SegmentsUnderTest.Body(SegmentsUnderTest.Starter), ifMatch);

    [Fact]
    public async Task Delete_ASegment_EndsIt()
    {
        var id = await _segments.CreateAsync();

        using var answer = await _segments.SendAsync(HttpMethod.Delete, $"{id}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await _segments.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.SegmentNotFound, HttpMethod.Get, $"{id}");
        await _segments.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.SegmentNotFound, HttpMethod.Delete, $"{id}");
    }

    [Fact]
    public async Task Delete_ASegmentThatAnotherNames_IsRefused()
    {
        var id = await _segments.CreateAsync();
        var other = await _segments.CreateAsync(SegmentsUnderTest.Reference(id), "Others");

        var problem = await _segments.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.SegmentInUse, HttpMethod.Delete, $"{id}");

        Assert.Contains($"{other}", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_ACycle_IsRefused()
    {
        var first = await _segments.CreateAsync();
        var second = await _segments.CreateAsync(SegmentsUnderTest.Reference(first), "Second");

        Assert.Equal("segment_cycle", await FaultAsync(HttpMethod.Put, $"{first}", SegmentsUnderTest.Body(SegmentsUnderTest.Reference(second)), "*"));
        Assert.Equal("segment_cycle", await FaultAsync(HttpMethod.Put, $"{first}", SegmentsUnderTest.Body(SegmentsUnderTest.Reference(first)), "*"));
    }

    [Fact]
    public async Task Create_ReferenceToNothing_IsRefused() =>
        Assert.Equal("segment_not_found", await FaultAsync(HttpMethod.Post, "", SegmentsUnderTest.Body(SegmentsUnderTest.Reference(Guid.NewGuid()))));

    [Fact]
    public async Task Put_ReferenceThatMakesAReferrerTooDeep_IsRefused()
    {
        var last = await _segments.CreateAsync();
        var chain = new List<Guid> { await _segments.CreateAsync() };
        for (var i = 0; i < 3; i++)
            chain.Add(await _segments.CreateAsync(SegmentsUnderTest.Reference(chain[^1])));

        Assert.Equal("rule_too_deep", await FaultAsync(HttpMethod.Put, $"{chain[0]}", SegmentsUnderTest.Body(SegmentsUnderTest.Reference(last)), "*"));
    }

    [Theory]
    [InlineData("""{"name":"n"}""", ErrorCodes.InvalidRule)]
    [InlineData("""{"name":"n","rule":null}""", ErrorCodes.InvalidRule)]
    [InlineData("""{"name":"n","rule":{"all":[]}}""", ErrorCodes.InvalidRule)]
    [InlineData("""{"rule":{}}""", ErrorCodes.InvalidParameter)]
    [InlineData("""{"name":"","rule":{}}""", ErrorCodes.InvalidParameter)]
    [InlineData("""{"name":" ","rule":{}}""", ErrorCodes.InvalidParameter)]
    [InlineData("""{"name":5,"rule":{}}""", ErrorCodes.InvalidParameter)]
    [InlineData("""{"name":"a\u0000b","rule":{}}""", ErrorCodes.InvalidParameter)]
    [InlineData("""{"name":"n","rule":{},"colour":"blue"}""", ErrorCodes.InvalidParameter)]
    [InlineData("""{"name":"n","name":"n","rule":{}}""", ErrorCodes.MalformedJson)]
    [InlineData("""{"name":"\ud800","rule":{}}""", ErrorCodes.MalformedJson)]
    [InlineData("""{"name":"n","rule":{"\udc00":1}}""", ErrorCodes.MalformedJson)]
    [InlineData("[]", ErrorCodes.MalformedJson)]
    [InlineData("{", ErrorCodes.MalformedJson)]
    [InlineData("", ErrorCodes.MalformedJson)]
    public Task Create_BadBody_IsRefused(string body, string code) => _segments.ProblemAsync(HttpStatusCode.BadRequest, code, HttpMethod.Post, body: body);

    [Fact]
    public async Task Create_NestedAThousandTimes_IsRefused() => await _segments.ProblemAsync(
        HttpStatusCode.BadRequest, ErrorCodes.MalformedJson, HttpMethod.Post,
        body: SegmentsUnderTest.Body(string.Concat(Enumerable.Repeat("""{"not":""", 1000)) + "{}" + new string('}', 1000)));

    [Fact]
    public async Task Create_TenThousandValues_IsRefused() => Assert.Equal(
        "rule_too_large",
        await FaultAsync(HttpMethod.Post, "", SegmentsUnderTest.Body($$"""{"type":"user_property","property":"p","operator":"in","value":[{{string.Join(',', Enumerable.Range(0, 10_000))}}]}""")));

    [Theory]
    [InlineData("P9999999999999999999D")]
    [InlineData("-P1D")]
    [InlineData("P1M")]
    [InlineData("")]
    public async Task Create_AbsurdDuration_IsRefused(string duration) => Assert.Equal(
        "invalid_duration", await FaultAsync(HttpMethod.Post, "", SegmentsUnderTest.Body($$"""{"type":"event","event_type":"e","within":"{{duration}}"}""")));

    [Fact]
    public Task Create_BodyOfMegabytes_IsTooLarge() => _segments.ProblemAsync(
        HttpStatusCode.RequestEntityTooLarge, ErrorCodes.BodyTooLarge, HttpMethod.Post, body: SegmentsUnderTest.Body("{}", new string('n', 1 << 20)));

    [Fact]
    public async Task Create_AnotherMediaType_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/segments/", UriKind.Relative)) { Content = new StringContent("{}") };
        request.Headers.Add(InternalHeaders.Secret, RunningService.Secret);
        request.Headers.Add(InternalHeaders.Project, _segments.Project);
        request.Headers.Add(InternalHeaders.Environment, Environments.Live);

        using var answer = await _segments.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await ProblemAnswer.ReadAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, answer);
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\"><script>alert(1)</script>")]
    [InlineData("{{7*7}}\u202e")]
    [InlineData("𝕏 🎉")]
    public async Task Create_HostileName_IsOnlyText(string name)
    {
        var id = await _segments.CreateAsync(name: name);

        Assert.Equal(name, (await _segments.JsonAsync(HttpMethod.Get, $"{id}")).GetProperty("name").GetString());
    }

    private async Task<string?> FaultAsync(HttpMethod method, string path, string body, string? ifMatch = null) =>
        (await _segments.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRule, method, path, body, ifMatch)).GetProperty("errors")[0].GetProperty("code").GetString();
}
