using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;
using SegOps.Tests.Integration.Gateway.Limits;
using SegOps.Tests.Integration.Ingestion;
using SegOps.Tests.Integration.Monitoring;
using SegOps.Tests.Unit.Docs;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Reference;

/// <summary>Provokes the documented errors.</summary>
public sealed class ProblemTests(PublicApi api) : IClassFixture<PublicApi>
{
    private const string Single = "/api/ingestion/track/";
    private const string Batch = "/api/ingestion/track/batch/";
    private const string Events = "/api/monitoring/events";
    private const string Event = """{"user_id":"u","event_type":"t"}""";

    [Theory]
    [InlineData(Single, "{", ErrorCodes.MalformedJson)]
    [InlineData(Single, "{\"user_id\":\"\"}", ErrorCodes.ValidationFailed)]
    [InlineData(Batch, "{", ErrorCodes.MalformedJson)]
    [InlineData(Batch, "{\"events\":[]}", ErrorCodes.BatchEmpty)]
    [InlineData(Batch, "{\"events\":[1]}", ErrorCodes.ValidationFailed)]
    public async Task Track_BadBody_IsTheDocumentedProblem(string path, string body, string code) =>
        await Documented.ProblemAsync(code, path, await Documented.PostAsync(api.Gateway, api.Key, path, body));

    [Fact]
    public async Task TrackBatch_TooManyEvents_IsTheDocumentedProblem() => await Documented.ProblemAsync(
        ErrorCodes.BatchTooLarge, Batch,
        await Documented.PostAsync(api.Gateway, api.Key, Batch, $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Event, EventLimits.MaxBatchEvents + 1))}}]}"""));

    [Theory]
    [InlineData(Single, EventLimits.MaxSingleBodyBytes)]
    [InlineData(Batch, EventLimits.MaxBatchBodyBytes)]
    public async Task Track_BodyOverItsLimit_IsTheDocumentedProblem(string path, int limit) => await Documented.ProblemAsync(
        ErrorCodes.BodyTooLarge, path, await Documented.PostAsync(api.Gateway, api.Key, path, new string(' ', limit) + Event));

    [Theory]
    [InlineData(Single)]
    [InlineData(Batch)]
    public async Task Track_OtherEncoding_IsTheDocumentedProblem(string path) => await Documented.ProblemAsync(
        ErrorCodes.UnsupportedMediaType, path,
        await Documented.PostAsync(api.Gateway, api.Key, path, Event, request => request.Content!.Headers.ContentEncoding.Add("compress")));

    [Theory]
    [InlineData(Single)]
    [InlineData(Events)]
    [InlineData("/api/monitoring/health")]
    [InlineData("/api/monitoring/volume")]
    public async Task Path_EachKindOfBadKey_IsTheDocumentedProblem(string path)
    {
        await Documented.ProblemAsync(ErrorCodes.MissingApiKey, path, await api.Gateway.SendAsync(null, path));
        await Documented.ProblemAsync(ErrorCodes.InvalidApiKey, path, await api.Gateway.SendAsync("sk_live_none", path));
        await Documented.ProblemAsync(ErrorCodes.RevokedApiKey, path, await api.Gateway.SendAsync(api.RevokedKey, path));
    }

    [Theory]
    [InlineData(Events)]
    [InlineData("/api/monitoring/health")]
    [InlineData("/api/monitoring/live")]
    [InlineData(Documented.EventPath, "/api/ingestion/events/0190163d-8694-739b-aea5-966c26f8ad91")]
    public async Task Path_PublishableKey_IsTheDocumentedProblem(string path, string? url = null)
    {
        var (key, _) = await KeyIssuer.IssuePublishableAsync(api.Redis);

        await Documented.ProblemAsync(ErrorCodes.KeyCannotRead, path, await api.Gateway.SendAsync(key, url ?? path));
    }

    [Theory]
    [InlineData(Single)]
    [InlineData(Batch)]
    public async Task Track_OriginThatTheKeyDoesNotAllow_IsTheDocumentedProblem(string path)
    {
        var (key, _) = await KeyIssuer.IssuePublishableAsync(api.Redis, "https://app.example.com");

        await Documented.ProblemAsync(
            ErrorCodes.OriginNotAllowed, path,
            await Documented.PostAsync(api.Gateway, key, path, Event, request => request.Headers.Add("Origin", "https://elsewhere.example")));
    }

    [Theory]
    [InlineData(Single)]
    [InlineData(Batch)]
    [InlineData(Events)]
    public async Task Path_SecretKeyInTheUrl_IsTheDocumentedProblem(string path) =>
        await Documented.ProblemAsync(ErrorCodes.SecretKeyInUrl, path, await api.Gateway.SendAsync(null, $"{path}?key={api.Key}"));

    [Theory]
    [InlineData(Single)]
    [InlineData(Batch)]
    [InlineData(Events)]
    [InlineData("/api/monitoring/health")]
    [InlineData("/api/monitoring/volume")]
    public async Task Path_TooManyBadKeys_IsTheDocumentedProblem(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, Nowhere.Http, null, "--KeyStore:FailuresPerMinute=1");
        (await gateway.SendAsync(null, path)).Dispose();

        await Documented.ProblemAsync(ErrorCodes.TooManyFailures, path, await gateway.SendAsync(null, path));
    }

    [Theory]
    [InlineData(Events, "limit=0")]
    [InlineData("/api/monitoring/volume", "window=1y")]
    [InlineData("/api/monitoring/ledger", "window=7d")]
    public async Task Monitoring_ParameterOutOfRange_IsTheDocumentedProblem(string path, string query) =>
        await Documented.ProblemAsync(ErrorCodes.InvalidParameter, path, await api.Gateway.SendAsync(api.Key, $"{path}?{query}"));

    [Theory]
    [InlineData(Documented.UserPath, "/api/monitoring/users/nobody")]
    [InlineData("/api/monitoring/user", "/api/monitoring/user?user_id=no%2Fbody")]
    public async Task User_Unknown_IsTheDocumentedProblem(string path, string address) =>
        await Documented.ProblemAsync(ErrorCodes.UserNotFound, path, await api.Gateway.SendAsync(api.Key, address));

    [Fact]
    public async Task Path_OfNothing_IsTheDocumentedProblem() =>
        await Documented.ProblemAsync(ErrorCodes.NotFound, Events, await api.Gateway.SendAsync(api.Key, "/api/monitoring/nothing"));

    [Fact]
    public async Task Path_OtherMethod_IsTheDocumentedProblem() =>
        await Documented.ProblemAsync(ErrorCodes.MethodNotAllowed, Single, await api.Gateway.SendAsync(api.Key, Single));

    [Theory]
    [InlineData("Transfer-Encoding: chunked", "zz\r\n", ErrorCodes.BadRequest)]
    [InlineData("Content-Length: 1000", "{", ErrorCodes.RequestTimeout)]
    public async Task Track_BrokenOrStalledBody_IsTheDocumentedProblem(string framing, string body, string code)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(api.Gateway.Url.Host, api.Gateway.Url.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST {Single} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ApiKey {api.Key}\r\n{framing}\r\n\r\n{body}"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        await Documented.ProblemAsync(code, Single, Parse(text));
    }

    [Theory]
    [InlineData(Single)]
    [InlineData(Events)]
    public async Task Path_ServiceAway_IsTheDocumentedProblem(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, Nowhere.Http);

        await Documented.ProblemAsync(ErrorCodes.UpstreamUnavailable, path, await gateway.SendAsync(api.Key, path));
    }

    [Fact]
    public async Task Path_ServiceHangs_IsTheDocumentedProblem()
    {
        await using var hanging = await UpstreamServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, hanging.Url, null, "--Forwarding:ActivityTimeout=00:00:01");

        using var answer = await gateway.SendAsync(api.Key, Events);

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        await Documented.ProblemAsync(ErrorCodes.UpstreamUnavailable, Events, answer);
    }

    [Theory]
    [InlineData(Single)]
    [InlineData(Events)]
    [InlineData("/api/monitoring/health")]
    public async Task Path_RedisAway_IsTheDocumentedProblem(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(Nowhere.Redis, Nowhere.Http);

        await Documented.ProblemAsync(ErrorCodes.AuthenticationUnavailable, path, await gateway.SendAsync(api.Key, path));
    }

    [Theory]
    [InlineData(Single)]
    [InlineData(Batch)]
    [InlineData(Events)]
    [InlineData("/api/monitoring/health")]
    [InlineData("/api/monitoring/volume")]
    public async Task Path_CallsUsedUp_IsTheDocumentedProblem(string path)
    {
        await using var test = await LimitedProject.StartAsync(api.Redis, null, "--Plans:Free:CallsPerMinute=1", "--Limits:MonitoringCallsPerMinute=1");
        (await test.Gateway.SendAsync(test.Key, path)).Dispose();

        await Documented.ProblemAsync(ErrorCodes.RateLimited, path, await test.Gateway.SendAsync(test.Key, path));
    }

    [Theory]
    [InlineData(Single)]
    [InlineData(Batch)]
    public async Task Track_MonthUsedUp_IsTheDocumentedProblem(string path)
    {
        await using var test = await LimitedProject.StartAsync(api.Redis, null);
        await test.UseMonthAsync(500_000);

        await Documented.ProblemAsync(ErrorCodes.QuotaExceeded, path, await test.Gateway.SendAsync(test.Key, path));
    }

    [Fact]
    public async Task TrackBatch_DoesNotFitTheMonth_IsTheDocumentedProblem()
    {
        await using var ingestion = await IngestionUnderTest.StartAsync(
            $"Endpoint={Nowhere.Http};ProjectId=test-project", "--PubSub:Publisher:MessageDeadline=00:00:00.3", $"--ConnectionStrings:redis={api.Redis}", "--Redis:Deadline=00:01:00");
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, ingestion.Client.BaseAddress!.ToString(), null, "--Plans:Free:EventsPerMonth=1");
        var (key, _) = await KeyIssuer.IssueAsync(api.Redis);

        await Documented.ProblemAsync(ErrorCodes.QuotaExceeded, Batch, await Documented.PostAsync(gateway, key, Batch, $$"""{"events":[{{Event}},{{Event}}]}"""));
    }

    [Fact]
    public async Task Track_PubSubAway_IsTheDocumentedProblem()
    {
        await using var ingestion = await IngestionUnderTest.StartAsync($"Endpoint={Nowhere.Http};ProjectId=test-project", "--PubSub:Publisher:MessageDeadline=00:00:00.3");
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, ingestion.Client.BaseAddress!.ToString());

        await Documented.ProblemAsync(ErrorCodes.StreamUnavailable, Single, await Documented.PostAsync(gateway, api.Key, Single, Event));
    }

    [Theory]
    [InlineData(Events)]
    [InlineData("/api/monitoring/volume")]
    [InlineData("/api/monitoring/event-types")]
    [InlineData("/api/monitoring/users")]
    [InlineData(Documented.EventPath, "/api/ingestion/events/0190163d-8694-739b-aea5-966c26f8ad91")]
    public async Task Monitoring_WarehouseAway_IsTheDocumentedProblem(string path, string? url = null)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, monitoring.Client.BaseAddress!.ToString());

        await Documented.ProblemAsync(ErrorCodes.WarehouseUnavailable, path, await gateway.SendAsync(api.Key, url ?? path));
    }

    [Fact]
    public async Task Monitoring_RedisAwayFromIt_IsTheDocumentedProblem()
    {
        const string Path = "/api/monitoring/usage";
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, monitoring.Client.BaseAddress!.ToString());

        await Documented.ProblemAsync(ErrorCodes.UsageUnavailable, Path, await gateway.SendAsync(api.Key, Path));
    }

    [Fact]
    public async Task Event_RedisAwayFromMonitoring_IsTheDocumentedProblem()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(api.Warehouse);
        await using var gateway = await GatewayUnderTest.StartAsync(api.Redis, monitoring.Client.BaseAddress!.ToString());

        await Documented.ProblemAsync(
            ErrorCodes.ReceiptUnavailable, Documented.EventPath, await gateway.SendAsync(api.Key, $"/api/ingestion/events/{Guid.NewGuid()}"));
    }

    [Fact]
    public async Task Event_NoUuid_IsTheDocumentedProblem() => await Documented.ProblemAsync(
        ErrorCodes.InvalidParameter, Documented.EventPath, await api.Gateway.SendAsync(api.Key, "/api/ingestion/events/17"));

    [Fact]
    public void ProblemTests_EveryDocumentedCode_IsProvokedOrNamedAsNotProvokedHere()
    {
        string[] elsewhere = [ErrorCodes.InternalError, ErrorCodes.Overloaded];

        // Segments have tests of their own (Integration/Segments).
        var operations = ApiDescription.Operations.Where(operation => !operation.Path.StartsWith("/api/segments", StringComparison.Ordinal));
        var documented = operations.SelectMany(operation => operation.Responses).SelectMany(response =>
            response.Response["content"]!.AsObject()[Problems.ContentType]?["examples"]!.AsObject().Select(example => example.Key) ?? []);
        var source = Repository.Read("SegOps.Tests/Integration/Gateway/Reference/ProblemTests.cs");
        var named = typeof(ErrorCodes).GetFields()
            .Where(field => source.Contains($"ErrorCodes.{field.Name}", StringComparison.Ordinal)).Select(field => (string)field.GetRawConstantValue()!);

        Assert.Empty(documented.Except(named));
        Assert.Empty(elsewhere.Except(documented));
    }

    /// <summary>An answer as it came from a socket; its body is one JSON object.</summary>
    private static HttpResponseMessage Parse(string text)
    {
        var lines = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        var answer = new HttpResponseMessage((HttpStatusCode)int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture))
        {
            Content = new StringContent(text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)]),
        };
        answer.Content.Headers.Remove("Content-Type");
        foreach (var header in lines.Skip(1).Select(line => line.Split(": ", 2)))
        {
            if (!answer.Headers.TryAddWithoutValidation(header[0], header[1]))
                answer.Content.Headers.TryAddWithoutValidation(header[0], header[1]);
        }

        return answer;
    }
}
