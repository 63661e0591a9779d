using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Admin;

public sealed class ProjectTests(RedisFixture redis)
{
    [Fact]
    public async Task Create_WithItsNameAlone_IsOnTheFreePlan()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());

        var project = await admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, AdminUnderTest.Projects, """{"name":"Acme"}""");

        Assert.Equal(("Acme", "free"), (project.GetProperty("name").GetString(), project.GetProperty("plan").GetString()));
        Assert.Matches("^prj_[0-9A-Za-z]{16}$", project.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Create_NamedAsTheCanary_DoesNotBecomeItsProject()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());

        var project = await admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, AdminUnderTest.Projects, $$"""{"name":"{{Canary.ProjectId}}"}""");

        Assert.NotEqual(Canary.ProjectId, project.GetProperty("id").GetString());
        await admin.DoneAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"{AdminUnderTest.Projects}/{Canary.ProjectId}");
    }

    [Fact]
    public async Task Get_AfterCreate_IsTheSame()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var created = await admin.DoneAsync(HttpStatusCode.Created, HttpMethod.Post, AdminUnderTest.Projects,
            """{"name":"Acme","plan":"enterprise","calls_per_minute":20000,"events_per_month":7}""");

        var read = await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Get, $"{AdminUnderTest.Projects}/{created.GetProperty("id").GetString()}/");

        Assert.Equal(created.GetRawText(), read.GetRawText());
        Assert.Equal((20000, 7), (read.GetProperty("calls_per_minute").GetInt32(), read.GetProperty("events_per_month").GetInt32()));
    }

    [Fact]
    public async Task Update_OneField_LeavesTheOthers()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var path = await admin.CreateProjectAsync("""{"name":"Acme","plan":"enterprise","calls_per_minute":20000}""");

        var changed = await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Patch, path, """{"name":"Acme Corp"}""");

        Assert.Equal(
            ("Acme Corp", "enterprise", 20000),
            (changed.GetProperty("name").GetString(), changed.GetProperty("plan").GetString(), changed.GetProperty("calls_per_minute").GetInt32()));
    }

    [Fact]
    public async Task Update_ToASmallerPlan_DropsItsOwnFigures()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var path = await admin.CreateProjectAsync("""{"name":"Acme","plan":"enterprise","calls_per_minute":20000,"events_per_month":7}""");

        var changed = await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Patch, path, """{"plan":"business"}""");

        Assert.False(changed.TryGetProperty("calls_per_minute", out _));
        Assert.False(changed.TryGetProperty("events_per_month", out _));
    }

    [Fact]
    public async Task Update_ThePlan_HoldsForTheNextCalls()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync(), null, "--KeyStore:Freshness=00:00:00.1");
        var path = await admin.CreateProjectAsync("""{"name":"Acme","plan":"free"}""");
        var (_, key) = await admin.CreateKeyAsync(path);
        Assert.Contains("q=60;", await PolicyAsync(admin, key), StringComparison.Ordinal);

        await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Patch, path, """{"plan":"starter"}""");

        await Eventually.IsAsync(true, async () => (await PolicyAsync(admin, key)).Contains("q=300;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_MoreThanAPage_GivesEachProjectOnce()
    {
        await using var own = await OwnRedis.StartAsync();
        await using var admin = await AdminUnderTest.StartAsync(own.ConnectionString);
        var created = new List<string>();
        for (var i = 0; i < 5; i++)
            created.Add(await admin.CreateProjectAsync());

        var listed = new List<string>();
        for (string? cursor = "0"; cursor is not null;)
        {
            var page = await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Get, $"{AdminUnderTest.Projects}?limit=2&cursor={cursor}");
            listed.AddRange(page.GetProperty("projects").EnumerateArray().Select(project => $"{AdminUnderTest.Projects}/{project.GetProperty("id").GetString()}"));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(created.Order(), listed.Order());
    }

    [Fact]
    public async Task List_TheDemoProjects_AreThere()
    {
        await using var own = await OwnRedis.StartAsync();
        await DemoKeys.WriteAsync(own.ConnectionString);
        await using var admin = await AdminUnderTest.StartAsync(own.ConnectionString);

        var listed = await admin.DoneAsync(HttpStatusCode.OK, HttpMethod.Get, AdminUnderTest.Projects);

        Assert.Equal(
            DemoKeys.All.Select(demo => demo.ProjectId).Distinct().Order(),
            listed.GetProperty("projects").EnumerateArray().Select(project => project.GetProperty("id").GetString()!).Order());
        Assert.Equal(
            DemoKeys.All.Count(demo => demo.ProjectId == DemoKeys.Free.ProjectId),
            (await admin.KeysAsync(AdminUnderTest.Projects + "/" + DemoKeys.Free.ProjectId)).Count);
    }

    [Theory]
    [InlineData("{}", "name is required.")]
    [InlineData("""{"name":"a","plan":"gold"}""", "plan must be one of free, starter, business, enterprise.")]
    [InlineData("""{"name":"a","plan":"starter","calls_per_minute":5}""", "calls_per_minute is for the plan enterprise only.")]
    [InlineData("""{"name":"a","plan":"enterprise","events_per_month":0}""", "events_per_month must be a whole number from 1")]
    [InlineData("""{"name":"a","plan":"enterprise","calls_per_minute":1.5}""", "calls_per_minute must be a whole number from 1 to 1000000.")]
    [InlineData("""{"name":"a\u0000b"}""", "name must be a string")]
    [InlineData("""{"plan":"gold","colour":"red"}""", "plan must be one of free, starter, business, enterprise. name is required. colour is not a field of this request.")]
    public async Task Create_BadBody_NamesEveryFault(string body, string faults)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());

        var detail = await admin.RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Post, AdminUnderTest.Projects, body);

        Assert.Contains(faults, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_BodyOver64KB_IsTooLarge()
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());

        await admin.RefusedAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.BodyTooLarge, HttpMethod.Post, AdminUnderTest.Projects, new string(' ', 65_537));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("PATCH", "")]
    [InlineData("GET", "/keys")]
    [InlineData("POST", "/keys")]
    public async Task Project_Unknown_IsNotFound(string method, string path)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());
        var body = method == "POST" ? """{"environment":"live"}""" : method == "PATCH" ? """{"name":"a"}""" : null;

        await admin.RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.ProjectNotFound, new HttpMethod(method), AdminUnderTest.Projects + "/prj_none" + path, body);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("cursor=x")]
    public async Task List_ParameterOutOfRange_IsRefused(string query)
    {
        await using var admin = await AdminUnderTest.StartAsync(await redis.ConnectionStringAsync());

        await admin.RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, HttpMethod.Get, $"{AdminUnderTest.Projects}?{query}");
    }

    [Fact]
    public async Task Create_RedisAway_IsUnavailable()
    {
        await using var admin = await AdminUnderTest.StartAsync(Nowhere.Redis);

        await admin.RefusedAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.AuthenticationUnavailable, HttpMethod.Post, AdminUnderTest.Projects, """{"name":"a"}""");
    }

    private static async Task<string> PolicyAsync(AdminUnderTest admin, string key)
    {
        using var answer = await admin.Gateway.SendAsync(key);
        return answer.Headers.GetValues("RateLimit-Policy").Single();
    }
}
