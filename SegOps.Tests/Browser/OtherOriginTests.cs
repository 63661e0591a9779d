using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using SegOps.Tests.EndToEnd;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Browser;

/// <summary>Sends events from a page of another origin, with a publishable key.</summary>
[Trait("Stage", "long")]
public sealed class OtherOriginTests(BrowserFixture browser, SystemFixture system)
{
    private const string Track = "/api/ingestion/track";

    [Fact(Explicit = true)]
    public async Task Fetch_OfAPage_IsStoredAndItsAnswerCanBeRead()
    {
        await using var shop = await Shop.OpenAsync(browser, system);

        var answer = await shop.RunAsync("""
            async ({ url, key, body }) => {
                const answer = await fetch(url, { method: 'POST', headers: { Authorization: `ApiKey ${key}`, 'Content-Type': 'application/json' }, body })
                return { status: answer.status, limit: answer.headers.get('RateLimit'), trace: answer.headers.get('X-Trace-Id'), accepted: (await answer.json()).accepted }
            }
            """);

        Assert.Equal((202, 1), (answer.GetProperty("status").GetInt32(), answer.GetProperty("accepted").GetInt32()));
        Assert.NotEmpty(answer.GetProperty("limit").GetString()!);
        Assert.NotEmpty(answer.GetProperty("trace").GetString()!);
        await shop.ExpectStoredAsync();
    }

    [Fact(Explicit = true)]
    public async Task Fetch_WithoutAValidKey_CanReadWhy()
    {
        await using var shop = await Shop.OpenAsync(browser, system);

        var answer = await shop.RunAsync("""
            async ({ url, body }) => {
                const answer = await fetch(url, { method: 'POST', headers: { Authorization: 'ApiKey pk_live_none' }, body })
                return { status: answer.status, code: (await answer.json()).code }
            }
            """);

        Assert.Equal((401, "invalid_api_key"), (answer.GetProperty("status").GetInt32(), answer.GetProperty("code").GetString()));
    }

    [Fact(Explicit = true)]
    public async Task KeepaliveFetch_WhileThePageUnloads_IsStored()
    {
        await using var shop = await Shop.OpenAsync(browser, system);
        await shop.RunAsync("""
            ({ url, key, body }) => addEventListener('pagehide', () => fetch(url, {
                method: 'POST', keepalive: true, headers: { Authorization: `ApiKey ${key}`, 'Content-Type': 'application/json' }, body,
            }))
            """);

        await shop.LeaveAsync();

        await shop.ExpectStoredAsync();
    }

    [Fact(Explicit = true)]
    public async Task SendBeacon_WhileThePageUnloads_IsStored()
    {
        await using var shop = await Shop.OpenAsync(browser, system);
        await shop.RunAsync("({ url, key, body }) => addEventListener('pagehide', () => navigator.sendBeacon(`${url}?key=${key}`, body))");

        await shop.LeaveAsync();

        await shop.ExpectStoredAsync();
    }

    /// <summary>A page of an origin of its own, and one event that it is to send.</summary>
    private sealed class Shop : IAsyncDisposable
    {
        private readonly WebApplication _server;
        private readonly IPage _page;
        private readonly BrowserProject _project;
        private readonly string _key;
        private readonly Guid _event = Guid.NewGuid();

        private Shop(WebApplication server, IPage page, BrowserProject project, string key) =>
            (_server, _page, _project, _key) = (server, page, project, key);

        public static async Task<Shop> OpenAsync(BrowserFixture browser, SystemFixture system)
        {
            var page = await browser.NewPageAsync();
            var project = await BrowserProject.CreateAsync(await system.GetAsync());
            var key = await project.System.Admin.CreatePublishableKeyAsync(project.Id);
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var server = builder.Build();
            server.Run(context =>
            {
                context.Response.ContentType = "text/html";
                return context.Response.WriteAsync("<!doctype html><title>A shop</title>");
            });
            await server.StartAsync(TestContext.Current.CancellationToken);
            await page.GotoAsync(server.Urls.First());
            return new(server, page, project, key);
        }

        /// <summary>Runs a function of an object with the url, the key and the body to send.</summary>
        public async Task<JsonElement> RunAsync(string function) => await _page.EvaluateAsync(function, new
        {
            url = new Uri(_project.System.System.GatewayUrl, Track).ToString(),
            key = _key,
            body = $$"""{"event_id":"{{_event}}","user_id":"user-1","event_type":"page_left"}""",
        }) ?? default;

        /// <summary>Goes to another page, so that this one unloads.</summary>
        public async Task LeaveAsync() => await _page.GotoAsync(_server.Urls.First() + "/next");

        /// <summary>Waits until the monitoring API reports the event as stored.</summary>
        public Task ExpectStoredAsync() => Eventually.IsAsync(
            "stored",
            async () => (await _project.System.Api.GetAsync(_project.Key, $"/api/ingestion/events/{_event}")).Json.GetProperty("state").GetString());

        public async ValueTask DisposeAsync()
        {
            await _page.Context.CloseAsync();
            await _server.DisposeAsync();
        }
    }
}
