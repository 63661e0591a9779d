using System.Net;
using System.Text;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestion;
using SegOps.Tests.Integration.Ingestor;
using SegOps.Tests.Integration.Monitoring;

namespace SegOps.Tests.Integration.Gateway.Security;

/// <summary>One project's key against another project's data, through the gateway to the real services.</summary>
public sealed class IsolationTests(RedisFixture redis, ClickHouseFixture clickHouse, PubSubEmulatorFixture pubSub)
{
    private const string TheirUser = "their-user";

    [Theory]
    [InlineData("project_id=theirs")]
    [InlineData("project=theirs&projectId=theirs&ProjectId=theirs")]
    [InlineData("project=*&project_id=%25&limit=1000")]
    [InlineData("param_project=theirs&database=system&query=SELECT%201")]
    [InlineData("X-SegOps-Project=theirs")]
    public async Task Read_ProjectInTheQuery_ChangesNothing(string query)
    {
        var (own, shown) = await ReadAsync(query);

        Assert.Contains(own.ToString(), shown, StringComparison.Ordinal);
        Assert.DoesNotContain(TheirUser, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user_id=their-user")]
    [InlineData("user_id=%25")]
    [InlineData("user_id=*")]
    [InlineData("user_id=their-user'%20OR%20'1'='1")]
    [InlineData("user_id=\\'%20OR%201=1%20--%20")]
    [InlineData("user_id=x'%20UNION%20ALL%20SELECT%20*%20FROM%20events%20--%20")]
    [InlineData("user_id={project:String}")]
    [InlineData("user_id=\\N&event_type=\\N")]
    [InlineData("event_type=order_placed'%20OR%20project_id='theirs")]
    public async Task Read_FilterThatTriesToBeSql_FindsNothing(string query)
    {
        var (own, shown) = await ReadAsync(query);

        Assert.DoesNotContain(own.ToString(), shown, StringComparison.Ordinal);
        Assert.DoesNotContain(TheirUser, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_OfTwoProjectsWithTheSameId_AreTwoEvents()
    {
        using var tables = await clickHouse.NewTablesAsync();
        var id = Guid.NewGuid();
        var now = TimeProvider.System.GetUtcNow();
        await tables.AddEventAsync("ours", now, eventId: id);
        await tables.AddEventAsync("theirs", now, eventId: id);

        var stored = await IngestorHost.AskAsync(tables.ConnectionString, $"SELECT count() FROM events FINAL WHERE event_id = '{id}'");

        Assert.Equal("2", stored);
    }

    [Theory]
    [InlineData("""{"user_id":"u","event_type":"t","project_id":"theirs","environment":"test","X-SegOps-Project":"theirs"}""")]
    [InlineData("""{"user_id":"u","event_type":"t","payload":{"project_id":"theirs","environment":"test"}}""")]
    [InlineData("""{"user_id":"u\",\"project_id\":\"theirs","event_type":"t\",\"project_id\":\"theirs"}""")]
    [InlineData("""{"user_id":"u\n{\"project_id\":\"theirs\"}","event_type":"t"}""")]
    public async Task Write_ProjectInTheBodyOrTheQuery_ChangesNothing(string body)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, project) = await KeyIssuer.IssueAsync(connection);
        await using var ingestion = await IngestionUnderTest.StartAsync(await pubSub.NewProjectAsync());
        await using var gateway = await GatewayUnderTest.StartAsync(connection, ingestion.Client.BaseAddress!.ToString());

        using var answer = await gateway.SendAsync(key, "/api/ingestion/track?project_id=theirs", HttpMethod.Post, request =>
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.TryAddWithoutValidation(InternalHeaders.Project, "theirs");
        });

        await IngestionUnderTest.AssertAcceptedAsync(answer);
        var message = await ingestion.NextEventsAsync();
        Assert.Equal(project, message.Attributes[MessageAttributes.Project]);
        Assert.Equal([project], message.Column(EventColumns.ProjectId));
        Assert.Equal([Environments.Live], message.Column(EventColumns.Environment));
    }

    /// <summary>Asks with our key, where both projects have an event.</summary>
    /// <returns>The id of our event, and the answer.</returns>
    private async Task<(Guid Own, string Shown)> ReadAsync(string query)
    {
        var connection = await redis.ConnectionStringAsync();
        var (key, project) = await KeyIssuer.IssueAsync(connection);
        using var tables = await clickHouse.NewTablesAsync();
        var now = TimeProvider.System.GetUtcNow();
        await tables.AddEventAsync("theirs", now, userId: TheirUser);
        var own = await tables.AddEventAsync(project, now);
        await using var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString);
        await using var gateway = await GatewayUnderTest.StartAsync(connection, monitoring.Client.BaseAddress!.ToString());

        using var answer = await gateway.SendAsync(
            key, "/api/monitoring/events?" + query, change: request => request.Headers.TryAddWithoutValidation(InternalHeaders.Project, "theirs"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (own, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
