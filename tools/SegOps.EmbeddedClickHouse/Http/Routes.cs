namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>The paths of clickhouse-server's HTTP interface.</summary>
internal static class Routes
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps queries and health checks, and answers 404 for other paths.</summary>
    public static void MapClickHouse(this WebApplication app)
    {
        app.MapMethods("/ping", Read, () => "Ok.\n");
        app.MapMethods("/replicas_status", Read, () => "Ok.\n");
        app.MapMethods("/", [.. Read, HttpMethods.Post], (HttpContext context, QueryEndpoint endpoint) =>
            HttpMethods.IsPost(context.Request.Method) || context.Request.Query.ContainsKey("query")
                ? endpoint.HandleAsync(context)
                : context.Response.WriteAsync("Ok.\n"));
        app.MapFallback((HttpContext context) =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsync("There is no handle for this path\n\nUse / or /ping for health checks.\nSend queries from your program with POST method or GET /?query=...\n");
        });
    }
}
