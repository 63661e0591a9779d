using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using SegOps.Contracts;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Tests.Unit.ServiceDefaults;

public sealed class ProblemsTests
{
    [Fact]
    public async Task UseServiceDefaults_UnknownPath_AnswersAProblemWithTheStableMembers()
    {
        await using var app = await StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var answer = await client.GetAsync(new Uri("/nowhere", UriKind.Relative), TestContext.Current.CancellationToken);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(Problems.ContentType, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(ErrorCodes.NotFound, problem.GetProperty("code").GetString());
        Assert.Equal(ErrorCatalog.TypeBase + ErrorCodes.NotFound, problem.GetProperty("type").GetString());
        Assert.Equal(32, problem.GetProperty("traceId").GetString()!.Length);
    }

    [Fact]
    public async Task UseServiceDefaults_UnhandledException_SaysNothingOfItsCause()
    {
        await using var app = await StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var answer = await client.GetAsync(new Uri("/fault", UriKind.Relative), TestContext.Current.CancellationToken);

        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains(ErrorCodes.InternalError, body, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UseServiceDefaults_BadHttpRequest_KeepsItsStatusAndExplains()
    {
        await using var app = await StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var answer = await client.GetAsync(new Uri("/too-large", UriKind.Relative), TestContext.Current.CancellationToken);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(ErrorCodes.BodyTooLarge, problem.GetProperty("code").GetString());
        Assert.Equal("over 'the' limit", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task UseServiceDefaults_Apostrophes_AreReadableInATerminal()
    {
        await using var app = await StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var body = await (await client.GetAsync(new Uri("/too-large", UriKind.Relative), TestContext.Current.CancellationToken))
            .Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("over 'the' limit", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task MapDefaultEndpoints_ProbeOfAHealthyService_AnswersHealthy(string path)
    {
        await using var app = await StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var health = await client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("healthy", health.GetProperty("status").GetString());
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGet("/fault", void () => throw new InvalidOperationException("a secret"));
        app.MapGet("/too-large", void () => throw new BadHttpRequestException("over 'the' limit", StatusCodes.Status413PayloadTooLarge));
        app.MapDefaultEndpoints();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
