using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>Stands before the real ClickHouse and does to inserts of events what a test tells it to; everything else is handed on.</summary>
internal sealed class ClickHouseFront : IAsyncDisposable
{
    private readonly HttpClient _behind = new();
    private readonly WebApplication _app;
    private int _inserts;

    private ClickHouseFront(WebApplication app) => _app = app;

    /// <summary>Called for the n-th insert of events (from 1), with what hands it on to ClickHouse and answers.</summary>
    public required Func<int, HttpContext, Func<Task>, Task> OnInsert { get; init; }

    /// <summary>Inserts of events that have come so far.</summary>
    public int Inserts => Volatile.Read(ref _inserts);

    /// <summary>Connection string for the database of <paramref name="connectionString"/>, through here.</summary>
    public string Before(string connectionString) => Change(connectionString, new Uri(_app.Urls.Single()));

    public static async Task<ClickHouseFront> StartAsync(string connectionString, Func<int, HttpContext, Func<Task>, Task> onInsert)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var front = new ClickHouseFront(builder.Build()) { OnInsert = onInsert };
        var settings = new ClickHouse.Driver.ADO.ClickHouseClientSettings(connectionString);
        var address = new Uri($"http://{settings.Host}:{settings.Port}");
        front._app.Run(context => front.HandleAsync(context, address));
        await front._app.StartAsync(TestContext.Current.CancellationToken);
        return front;
    }

    /// <summary>Answers as ClickHouse does that refuses for <paramref name="code"/>.</summary>
    public static Task RefuseAsync(HttpContext context, int code)
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        context.Response.Headers["X-ClickHouse-Exception-Code"] = $"{code}";
        return context.Response.WriteAsync($"Code: {code}. DB::Exception: As the test wants. (NAME_OF_{code})");
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _behind.Dispose();
    }

    private static string Change(string connectionString, Uri address) =>
        new System.Data.Common.DbConnectionStringBuilder { ConnectionString = connectionString, ["Host"] = address.Host, ["Port"] = address.Port }.ConnectionString;

    private Task HandleAsync(HttpContext context, Uri address)
    {
        Task HandOn() => ForwardAsync(context, address);
        return context.Request.Query["query"].ToString().Contains(".events (", StringComparison.Ordinal)
            ? OnInsert(Interlocked.Increment(ref _inserts), context, HandOn)
            : HandOn();
    }

    private async Task ForwardAsync(HttpContext context, Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(context.Request.Method), new Uri(address, context.Request.Path + context.Request.QueryString));
        request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, value) in context.Request.Headers)
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value) && name != "Content-Length")
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        request.Headers.Host = null;
        using var answer = await _behind.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, value) in answer.Headers.Where(header => header.Key.StartsWith("X-ClickHouse", StringComparison.Ordinal)))
            context.Response.Headers[name] = value.ToArray();
        if (answer.StatusCode != HttpStatusCode.NoContent)
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
