using System.Net;
using System.Text;
using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Tests.Integration.Gateway.Admin;

/// <summary>A gateway with the admin API on, and an administrator.</summary>
internal sealed class AdminUnderTest : IAsyncDisposable
{
    public const string Token = "an-admin-token-that-only-these-tests-know";
    public const string Projects = "/api/admin/projects";

    private readonly UpstreamServer _upstream;

    private AdminUnderTest(UpstreamServer upstream, GatewayUnderTest gateway) => (_upstream, Gateway) = (upstream, gateway);

    public GatewayUnderTest Gateway { get; }

    public static async Task<AdminUnderTest> StartAsync(string redis, TimeProvider? clock = null, params string[] settings)
    {
        var upstream = await UpstreamServer.StartAsync();
        return new(upstream, await GatewayUnderTest.StartAsync(
            redis, upstream.Url, clock, ["--Admin:Token=" + Token, "--Admin:CallsPerMinute=1000", .. settings]));
    }

    /// <summary>Sends a request with <paramref name="token"/>, if any.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string? token = Token) =>
        Gateway.SendAsync(null, path, method, request =>
        {
            if (token is not null)
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        });

    /// <summary>Sends a request that has to succeed with <paramref name="status"/> and returns the answer's body.</summary>
    public async Task<JsonElement> DoneAsync(HttpStatusCode status, HttpMethod method, string path, string? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Sends a request that has to be refused and returns the problem's detail.</summary>
    public async Task<string> RefusedAsync(HttpStatusCode status, string code, HttpMethod method, string path, string? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        return (await GatewayUnderTest.AssertProblemAsync(status, code, answer)).GetProperty("detail").GetString()!;
    }

    /// <summary>Creates a project and returns its path.</summary>
    public async Task<string> CreateProjectAsync(string body = """{"name":"Acme","plan":"starter"}""") =>
        Projects + "/" + (await DoneAsync(HttpStatusCode.Created, HttpMethod.Post, Projects, body)).GetProperty("id").GetString();

    /// <summary>Creates a key of the project at <paramref name="path"/> and returns its id and its text.</summary>
    public async Task<(string Id, string Text)> CreateKeyAsync(string path, string environment = Environments.Live)
    {
        var key = await DoneAsync(HttpStatusCode.Created, HttpMethod.Post, path + "/keys", $$"""{"environment":"{{environment}}","name":"backend"}""");
        return (key.GetProperty("id").GetString()!, key.GetProperty("key").GetString()!);
    }

    /// <summary>The keys of the project at <paramref name="path"/>.</summary>
    public async Task<List<JsonElement>> KeysAsync(string path) =>
        [.. (await DoneAsync(HttpStatusCode.OK, HttpMethod.Get, path + "/keys")).GetProperty("keys").EnumerateArray()];

    /// <summary>The status of a call to the API with <paramref name="key"/>.</summary>
    public async Task<HttpStatusCode> CallAsync(string key)
    {
        using var answer = await Gateway.SendAsync(key);
        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}
