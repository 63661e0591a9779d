using System.Text.Json.Serialization;
using SegOps.Contracts;
using SegOps.Monitoring.Volume;
using SegOps.InternalApi;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Errors;

/// <summary><c>GET /api/monitoring/errors?window=24h|7d&amp;limit=&amp;cursor=</c>, and <c>/warnings</c> likewise.</summary>
internal static class ErrorsEndpoint
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    internal static void MapErrors(this RouteGroupBuilder api)
    {
        Map(api, "/errors", Severities.Error);
        Map(api, "/warnings", Severities.Warning);
    }

    private static void Map(RouteGroupBuilder api, string path, string severity) => api.MapGet(path, async (
        Caller caller, HttpRequest request, WarehouseReader warehouse, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = VolumeWindow.Parse(request.Query);
        var limit = QueryParameters.Number(request.Query, "limit", 1, MaxLimit, DefaultLimit);
        var cursor = ErrorsCursor.Parse(QueryParameters.Optional(request.Query, "cursor"));
        var page = new ErrorsPage(severity, window, clock.GetUtcNow(), limit, cursor);
        return Results.Json(await ErrorsQuery.RunAsync(warehouse, caller, page, cancellationToken));
    });
}

/// <summary>The selection of groups.</summary>
/// <param name="Severity">Errors or warnings.</param>
/// <param name="Window">The period.</param>
/// <param name="Now">The time of the request.</param>
/// <param name="Limit">The maximum number of groups.</param>
/// <param name="After">The end of the previous page; null for the first page.</param>
internal sealed record ErrorsPage(string Severity, VolumeWindow Window, DateTimeOffset Now, int Limit, ErrorsCursor? After)
{
    /// <summary>Start and end of the window, equal for all pages of a listing.</summary>
    internal (DateTime From, DateTime To) Span => Window.At(After?.Until ?? Now);

    /// <summary>The end of the listing. The first page shows everything, because a server's clock may be ahead.</summary>
    internal DateTime Until => After?.Until ?? Span.To.AddMicroseconds(-1);

    /// <summary>The cursor after <paramref name="last"/>, on a page that begins with <paramref name="first"/>.</summary>
    internal ErrorsCursor Next(GroupTotals first, GroupTotals last)
    {
        var until = After?.Until ?? (first.LastSeen > Now.UtcDateTime ? first.LastSeen : Now.UtcDateTime);
        return new(until, last.LastSeen, last.Code, last.Field);
    }
}

/// <summary>One page of the errors or warnings of a window; times are UTC.</summary>
/// <param name="Window">Name of the window.</param>
/// <param name="From">Start of the window.</param>
/// <param name="To">End of the window, which is in the future.</param>
/// <param name="Groups">The groups, last seen first.</param>
/// <param name="NextCursor">The cursor of the next page; null on the last page.</param>
internal sealed record ErrorsAnswer(string Window, DateTime From, DateTime To, IReadOnlyList<ErrorGroup> Groups, string? NextCursor);

/// <summary>All errors or warnings of one code and field.</summary>
/// <param name="Code">The code; <see cref="ErrorHints"/> lists them.</param>
/// <param name="Field">The invalid field; empty if the whole event or request is invalid.</param>
/// <param name="Count">The number of errors, or of events with the warning. Copies count once.</param>
/// <param name="FirstSeen">The first receipt within the window.</param>
/// <param name="LastSeen">The last receipt.</param>
/// <param name="Message">The newest message in an answer.</param>
/// <param name="Fix">The error hint.</param>
/// <param name="Sample">The newest sample, a JSON object with masked values; null if there is none.</param>
internal sealed record ErrorGroup(
    string Code,
    string Field,
    long Count,
    DateTime FirstSeen,
    DateTime LastSeen,
    string Message,
    string Fix,
    [property: JsonConverter(typeof(RawJsonConverter))] string? Sample);
