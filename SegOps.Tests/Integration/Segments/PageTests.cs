using System.Net;
using System.Text.RegularExpressions;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Monitoring;

namespace SegOps.Tests.Integration.Segments;

public sealed class PageTests
{
    private const string Assets = "/segments/assets/";

    [Theory]
    [InlineData("/segments", "text/html")]
    [InlineData(Assets + "main.js", "text/javascript")]
    [InlineData(Assets + "theme.css", "text/css")]
    public async Task Get_WithoutTheInternalSecret_IsServedWithTheHeadersOfTheMonitoringPage(string path, string type)
    {
        await using var segments = await StartAsync();
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);
        using var expected = await GetAsync(monitoring.Client, "/");

        using var answer = await GetAsync(segments.Client, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        foreach (var name in (string[])["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"])
            Assert.Equal(expected.Headers.GetValues(name), answer.Headers.GetValues(name));
    }

    [Theory]
    [InlineData(Assets + "nothing.js")]
    [InlineData(Assets + "index.html")]
    [InlineData("/segments/index.html")]
    [InlineData("/assets/theme.css")]
    public async Task Get_OfWhatIsNoFile_IsNotFound(string path)
    {
        await using var segments = await StartAsync();

        using var answer = await GetAsync(segments.Client, path);

        await ProblemAnswer.ReadAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound, answer);
    }

    [Fact]
    public async Task Page_Served_HasNothingInlineAndFindsEveryFileThatItAndItsScriptsName()
    {
        await using var segments = await StartAsync();
        var page = await ReadAsync(segments, "/segments");
        Assert.All(Matches(page, """(?:src|href)="([^"#][^"]*)["]"""), address => Assert.Matches("^(/(?!/)|data:)", address));
        Assert.DoesNotMatch("""<script(?! [^>]*src=)|<style| style=| on[a-z]+=""", page);

        var found = new HashSet<string>();
        var left = new Queue<string>(Matches(page, $"\"({Assets}[^\"]+)\""));
        while (left.TryDequeue(out var path))
            if (found.Add(path) && path.EndsWith(".js", StringComparison.Ordinal))
                foreach (var name in Matches(await ReadAsync(segments, path), @"(?m)^import .*'\./([^']+)'"))
                    left.Enqueue(Assets + name);

        Assert.Superset(new HashSet<string> { Assets + "rule.js", Assets + "dom.js", Assets + "builder.css" }, found);
    }

    /// <summary>The second line of defence: the browser refuses these by the policy, and they are not even tried.</summary>
    [Fact]
    public void Scripts_OfThePage_NeverTurnTextIntoMarkupOrCodeAndCallNoOtherHost()
    {
        var assembly = typeof(SegOps.Segments.Program).Assembly;
        var scripts = assembly.GetManifestResourceNames().Where(name => name.StartsWith("Page/", StringComparison.Ordinal) && name.EndsWith(".js", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(scripts);
        Assert.All(scripts, name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var script = reader.ReadToEnd().Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal); // a name, not an address
            Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function|import\(|https?://", script);
        });
    }

    private static List<string> Matches(string text, string pattern) => [.. Regex.Matches(text, pattern).Select(match => match.Groups[1].Value)];

    private static Task<RunningService> StartAsync() => RunningService.StartAsync(
        SegOps.Segments.Program.Build, [$"--ConnectionStrings:clickhouse={MonitoringUnderTest.NoWarehouse}", $"--ConnectionStrings:redis={Nowhere.Redis}"]);

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string path) =>
        client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static Task<string> ReadAsync(RunningService segments, string path) =>
        segments.Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
}
