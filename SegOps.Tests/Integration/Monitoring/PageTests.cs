using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class PageTests
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/assets/main.js", "text/javascript")]
    [InlineData("/assets/theme.css", "text/css")]
    [InlineData("/assets/uPlot.esm.js", "text/javascript")]
    [InlineData("/assets/uPlot.LICENSE.txt", "text/plain")]
    public async Task Get_WithoutTheInternalSecret_IsServed(string path, string type)
    {
        await using var monitoring = await StartAsync();

        using var answer = await SendAsync(monitoring, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/assets/nothing.js")]
    [InlineData("/assets/")]
    [InlineData("/assets/index.html")]
    [InlineData("/index.html")]
    public async Task Get_OfWhatIsNoFile_IsNotFound(string path)
    {
        await using var monitoring = await StartAsync();

        using var answer = await SendAsync(monitoring, path);

        await ProblemAnswer.ReadAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound, answer);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/main.js")]
    public async Task Post_ToAFile_IsMethodNotAllowed(string path)
    {
        await using var monitoring = await StartAsync();

        using var answer = await SendAsync(monitoring, path, HttpMethod.Post);

        await ProblemAnswer.ReadAsync(HttpStatusCode.MethodNotAllowed, ErrorCodes.MethodNotAllowed, answer);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/main.js")]
    public async Task Head_OfAFile_HasItsHeadersAndNoBody(string path)
    {
        await using var monitoring = await StartAsync();

        using var answer = await SendAsync(monitoring, path, HttpMethod.Head);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotNull(answer.Headers.ETag);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/", "gzip")]
    [InlineData("/", "identity")]
    [InlineData("/assets/uPlot.esm.js", "gzip")]
    public async Task Get_OfWhatTheClientHas_Is304(string path, string encoding)
    {
        await using var monitoring = await StartAsync();
        using var first = await SendAsync(monitoring, path, change: Accepting);

        using var second = await SendAsync(monitoring, path, change: request =>
        {
            Accepting(request);
            request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        });

        Assert.Equal(encoding == "gzip" ? ["gzip"] : [], first.Content.Headers.ContentEncoding);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);

        void Accepting(HttpRequestMessage request) => request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/main.js")]
    public async Task Get_OfAnyFile_HasTheStrictHeaders(string path)
    {
        await using var monitoring = await StartAsync();

        using var answer = await SendAsync(monitoring, path);

        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; " +
            "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.True(answer.Headers.CacheControl is { Public: true, NoCache: true });
    }

    [Fact]
    public async Task Page_Served_HasNothingInlineAndLoadsFromItsOwnOriginOnly()
    {
        await using var monitoring = await StartAsync();
        var page = await ReadAsync(monitoring, "/");

        var addresses = Matches(page, """(?:src|href)="([^"#][^"]*)["]""");

        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.Matches("^(/(?!/)|data:)", address));
        Assert.DoesNotMatch("""<script(?! [^>]*src=)|<style| style=| on[a-z]+=""", page);
    }

    [Fact]
    public async Task Page_Served_FindsEveryFileThatItAndItsScriptsName()
    {
        await using var monitoring = await StartAsync();
        var found = new HashSet<string>();
        var left = new Queue<string>(Matches(await ReadAsync(monitoring, "/"), "\"(/assets/[^\"]+)\""));

        while (left.TryDequeue(out var path))
            if (found.Add(path) && path.EndsWith(".js", StringComparison.Ordinal))
                foreach (var name in Matches(await ReadAsync(monitoring, path), @"(?m)^import .*'\./([^']+)'"))
                    left.Enqueue("/assets/" + name);

        Assert.Superset(new HashSet<string> { "/assets/uPlot.esm.js", "/assets/sse.js", "/assets/first-run.js" }, found);
    }

    /// <summary>The second line of defence: the browser refuses these by the policy, and they are not even tried.</summary>
    [Fact]
    public void Scripts_OfThePage_NeverTurnTextIntoMarkupOrCodeAndCallNobodyElse()
    {
        var assembly = typeof(SegOps.Monitoring.Program).Assembly;
        var scripts = assembly.GetManifestResourceNames().Where(name => name.StartsWith("Page/", StringComparison.Ordinal) && name.EndsWith(".js", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(scripts);
        Assert.All(scripts, name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var script = reader.ReadToEnd();
            Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function|import\(", script);
            if (name != "Page/uPlot.esm.js") // Its head names its home.
                Assert.DoesNotMatch("https?://", script);
        });
    }

    private static List<string> Matches(string text, string pattern) => [.. Regex.Matches(text, pattern).Select(match => match.Groups[1].Value)];

    private static Task<MonitoringUnderTest> StartAsync() => MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

    private static Task<string> ReadAsync(MonitoringUnderTest monitoring, string path) =>
        monitoring.Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static async Task<HttpResponseMessage> SendAsync(
        MonitoringUnderTest monitoring, string path, HttpMethod? method = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(path, UriKind.Relative));
        change?.Invoke(request);
        return await monitoring.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
