using System.Net;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class UserTests(ClickHouseFixture clickHouse)
{
    private const string ByPath = "/api/monitoring/users/";
    private const string ByQuery = "/api/monitoring/user?user_id=";
    private static readonly DateTimeOffset Now = new(TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

    [Theory]
    [InlineData(ByPath)]
    [InlineData(ByQuery)]
    public async Task User_WithEvents_HasTheirFirstAndLastTime(string path)
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.TrackAsync("p", Now.AddHours(-3), [Event("anna", occurredAt: Now.AddYears(-2))]);
        await tables.TrackAsync("p", Now.AddHours(-2), [Event("anna")]);
        await tables.TrackAsync("p", Now.AddHours(-1), [Event("anna", occurredAt: Now.AddHours(5))]);
        await tables.TrackAsync("p", Now, [Event("ben")]);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        var user = await monitoring.ReadAsync(path + "anna", "p");

        Assert.Equal("anna", user.GetProperty("user_id").GetString());
        Assert.Equal(Now.AddYears(-2), user.GetProperty("first_seen").GetDateTimeOffset());
        Assert.Equal(Now.AddHours(-1), user.GetProperty("last_seen").GetDateTimeOffset());
    }

    [Fact]
    public async Task User_WithEvents_HasThemAsTheListOfEventsShowsThem()
    {
        using var tables = await clickHouse.NewTablesAsync();
        for (var hour = 3; hour > 0; hour--)
            await tables.TrackAsync("p", Now.AddHours(-hour), [Event("anna", $"{{\"hour\":{hour}.0}}"), Event("ben")]);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        var events = (await monitoring.ReadAsync(ByPath + "anna?limit=2", "p")).GetProperty("events");

        Assert.Equal((await monitoring.ReadAsync("/api/monitoring/events?user_id=anna&limit=2", "p")).GetProperty("events").GetRawText(), events.GetRawText());
        Assert.Equal(["1.0", "2.0"], events.EnumerateArray().Select(item => item.GetProperty("payload").GetProperty("hour").GetRawText()));
    }

    [Fact]
    public async Task User_WithManyEvents_Has20ByDefault()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.TrackAsync("p", Now, [.. Enumerable.Repeat(Event("anna"), 25)]);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal(20, (await monitoring.ReadAsync(ByPath + "anna", "p")).GetProperty("events").GetArrayLength());
    }

    [Theory]
    [InlineData("p", Environments.Live, "nobody")]
    [InlineData("p", Environments.Test, "anna")]
    [InlineData("theirs", Environments.Live, "anna")]
    [InlineData("p", Environments.Live, "ann")]
    [InlineData("p", Environments.Live, "ANNA")]
    public async Task User_Unknown_IsUserNotFound(string project, string environment, string user)
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.TrackAsync("p", Now, [Event("anna")]);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        foreach (var path in (string[])[ByPath, ByQuery])
        {
            using var answer = await monitoring.GetAsync(path + user, project, environment);
            await ProblemAnswer.ReadAsync(HttpStatusCode.NotFound, ErrorCodes.UserNotFound, answer);
        }
    }

    [Fact]
    public async Task User_OfSeveralProjectsAndEnvironments_HasTheTraitsOfTheOneAskedFor()
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.TrackAsync("p", Now, [Event("anna", """{"of":"p live"}""", EventColumns.IdentifyType)]);
        await tables.TrackAsync("p", Now, [Event("anna", """{"of":"p test"}""", EventColumns.IdentifyType)], Environments.Test);
        await tables.TrackAsync("q", Now, [Event("anna", """{"of":"q live","more":1}""", EventColumns.IdentifyType)]);
        await tables.TrackAsync("p", Now, [Event("ben", """{"of":"ben","more":1}""", EventColumns.IdentifyType)]);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal("p live", await OfAsync("p", Environments.Live));
        Assert.Equal("p test", await OfAsync("p", Environments.Test));

        async Task<string?> OfAsync(string project, string environment) =>
            Assert.Single((await monitoring.ReadAsync(ByPath + "anna", project, environment)).GetProperty("traits").EnumerateArray()).GetProperty("value").GetString();
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\\' OR 1=1 --")]
    [InlineData("{project:String}")]
    [InlineData("a\tb\nc\rd\\e\\\\f\\tg'h\"i`j")]
    [InlineData("https://example.com/users/1?a=b&c=d#e;f")]
    [InlineData("100% %2F %61 +")]
    [InlineData("..")]
    [InlineData("日本語 😀")]
    public async Task User_WithAHostileId_IsFoundByQuery(string id)
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.AddEventAsync("p", Now, userId: id, eventType: EventColumns.IdentifyType, payload: """{"plan":"pro"}""");
        await tables.AddEventAsync("p", Now, userId: "another", eventType: EventColumns.IdentifyType, payload: """{"plan":"free"}""");
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        var user = await monitoring.ReadAsync(ByQuery + Uri.EscapeDataString(id), "p");

        Assert.Equal((id, "pro"), (user.GetProperty("user_id").GetString(), user.GetProperty("traits")[0].GetProperty("value").GetString()));
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("a?b&c=d#e")]
    [InlineData("日本語 😀 +")]
    public async Task User_WithAHostileId_IsFoundByPath(string id)
    {
        using var tables = await clickHouse.NewTablesAsync();
        await tables.AddEventAsync("p", Now, userId: id);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);

        Assert.Equal(id, (await monitoring.ReadAsync(ByPath + Uri.EscapeDataString(id), "p")).GetProperty("user_id").GetString());
    }

    [Theory]
    [InlineData("/api/monitoring/users/anna?limit=0", "limit")]
    [InlineData("/api/monitoring/users/anna?limit=1001", "limit")]
    [InlineData("/api/monitoring/user?user_id=anna&limit=x", "limit")]
    [InlineData("/api/monitoring/user", "user_id")]
    [InlineData("/api/monitoring/user?user_id=", "user_id")]
    [InlineData("/api/monitoring/user?user_id=a&user_id=b", "user_id")]
    public async Task User_WrongParameter_IsInvalidParameterAndNamesIt(string path, string parameter)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync(path, "p");

        var problem = await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
        Assert.StartsWith(parameter + " ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ByPath)]
    [InlineData(ByQuery)]
    public async Task User_IdTooLong_IsInvalidParameter(string path)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync(path + new string('u', EventLimits.MaxUserIdLength + 1), "p");

        await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
    }

    [Theory]
    [InlineData(ByPath)]
    [InlineData(ByQuery)]
    public async Task User_WarehouseAway_IsWarehouseUnavailable(string path)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync(path + "anna", "p");

        await ProblemAnswer.ReadAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.WarehouseUnavailable, answer);
    }

    private static string Event(string user, string payload = "{}", string type = "page_viewed", DateTimeOffset? occurredAt = null) =>
        $$"""{"user_id":"{{user}}","event_type":"{{type}}","payload":{{payload}}{{(occurredAt is { } at ? $",\"occurred_at\":\"{at:O}\"" : "")}}}""";
}
