using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Segments.Membership;
using SegOps.Tests.Fixtures;
using IHostedService = Microsoft.Extensions.Hosting.IHostedService;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Segments on a real socket, in this process, called as the gateway calls it.</summary>
internal sealed class SegmentsUnderTest : IAsyncDisposable
{
    /// <summary>A rule that any user with this trait matches.</summary>
    public const string Starter = """{"type":"user_property","property":"plan","operator":"in","value":["starter"]}""";

    private readonly RunningService _service;

    private SegmentsUnderTest(RunningService service, string project) => (_service, Project) = (service, project);

    /// <summary>The project of calls that name no other.</summary>
    public string Project { get; }

    public HttpClient Client => _service.Client;

    public IServiceProvider Services => _service.Services;

    /// <summary>
    /// Starts it for a new project, or as another instance for <paramref name="project"/>. Passes run only when a test asks for them, because the lease is one
    /// for all services that share a Redis.
    /// </summary>
    public static async Task<SegmentsUnderTest> StartAsync(
        string clickhouse, string redis, TimeProvider? clock = null, string? project = null, Action<WebApplicationBuilder>? configure = null, params string[] settings) =>
        new(
            await RunningService.StartAsync(
                SegOps.Segments.Program.Build,
                [
                    $"--ConnectionStrings:clickhouse={clickhouse}", $"--ConnectionStrings:redis={redis}",
                    // A busy machine must not look like a server that is unavailable.
                    "--Redis:Deadline=00:00:10", "--Redis:LookupDeadline=00:00:10", "--Redis:CommandTimeout=00:00:30", "--Warehouse:Deadline=00:00:30", "--Evaluation:WarningsDeadline=00:00:30", .. settings,
                ],
                builder =>
                {
                    if (clock is not null)
                        builder.Services.AddSingleton(clock);
                    foreach (var worker in builder.Services.Where(IsWorker).ToList())
                        builder.Services.Remove(worker);
                    configure?.Invoke(builder);
                }),
            project ?? Unique.Name("project_"));

    /// <summary>Calls <paramref name="path"/> below <c>/api/segments/</c>.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path = "", string? body = null, string? project = null, string environment = Environments.Live, string? ifMatch = null,
        string? accept = null, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(method, new Uri("/api/segments/" + path, UriKind.Relative));
        request.Headers.Add(InternalHeaders.Secret, RunningService.Secret);
        request.Headers.Add(InternalHeaders.Project, project ?? Project);
        request.Headers.Add(InternalHeaders.Environment, environment);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (accept is not null)
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Client.SendAsync(request, completion, TestContext.Current.CancellationToken);
    }

    /// <summary>The JSON of an answer that must have <paramref name="status"/>.</summary>
    public async Task<JsonElement> JsonAsync(HttpMethod method, string path = "", string? body = null, HttpStatusCode status = HttpStatusCode.OK, string? ifMatch = null)
    {
        using var answer = await SendAsync(method, path, body, ifMatch: ifMatch);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>Runs passes until <paramref name="ask"/> is answered by <paramref name="expected"/>. It needs a Redis of the test's own.</summary>
    public Task PassesUntilAsync<T>(T expected, Func<Task<T>> ask) => Eventually.IsAsync(expected, async () =>
    {
        await Services.GetRequiredService<MembershipWorker>().RoundAsync(TestContext.Current.CancellationToken);
        return await ask();
    });

    /// <summary>The members of a segment, with the traits <paramref name="properties"/>.</summary>
    public async Task<string> MembersAsync(Guid id, string? properties = null) => string.Join(", ",
        (await JsonAsync(HttpMethod.Get, $"{id}/members{(properties is null ? "" : "?properties=" + properties)}")).GetProperty("members").EnumerateArray()
            .Select(member => member.GetProperty("user_id").GetString() + (properties is null ? "" : " " + member.GetProperty("properties").GetRawText())));

    /// <summary>Creates a segment and returns its id.</summary>
    public async Task<Guid> CreateAsync(string rule = Starter, string name = "Starter customers") =>
        (await JsonAsync(HttpMethod.Post, body: Body(rule, name), status: HttpStatusCode.Created)).GetProperty("id").GetGuid();

    /// <summary>Checks that a call is answered by the problem named, and returns it.</summary>
    public async Task<JsonElement> ProblemAsync(
        HttpStatusCode status, string code, HttpMethod method, string path = "", string? body = null, string? ifMatch = null)
    {
        using var answer = await SendAsync(method, path, body, ifMatch: ifMatch);
        return await ProblemAnswer.ReadAsync(status, code, answer);
    }

    /// <summary>The body that creates or replaces a segment.</summary>
    public static string Body(string rule, string name = "Starter customers") => $$"""{"name":{{JsonSerializer.Serialize(name)}},"rule":{{rule}}}""";

    /// <summary>A rule that another segment's members match.</summary>
    public static string Reference(Guid id) => $$"""{"type":"segment","segment_id":"{{id}}"}""";

    private static bool IsWorker(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && service.ImplementationFactory?.Method.DeclaringType?.DeclaringType == typeof(MembershipExtensions);

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
