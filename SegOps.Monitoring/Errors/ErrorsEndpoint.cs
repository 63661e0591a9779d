using System.Text.Json.Serialization;
using SegOps.Contracts;
using SegOps.Monitoring.Http;
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
        var cursor = ErrorsCursor.Parse(QueryParameters.Single(request.Query, "cursor"));
        var page = new ErrorsPage(severity, window, clock.GetUtcNow(), limit, cursor);
        return Results.Json(await ErrorsQuery.RunAsync(warehouse, caller, page, cancellationToken));
    });
}

/// <summary>Which groups to show.</summary>
/// <param name="Severity">Errors or warnings.</param>
/// <param name="Window">How far back.</param>
/// <param name="Now">The moment of the request.</param>
/// <param name="Limit">Most groups.</param>
/// <param name="After">The end of the page before; null for the first.</param>
internal sealed record ErrorsPage(string Severity, VolumeWindow Window, DateTimeOffset Now, int Limit, ErrorsCursor? After)
{
    /// <summary>Begin and end of the window, the same for all pages of a listing.</summary>
    internal (DateTime From, DateTime To) Span => Window.At(After?.Until ?? Now);

    /// <summary>The last moment that is shown. The first page shows everything, because a server's clock may be ahead of ours.</summary>
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
/// <param name="From">Begin of the window.</param>
/// <param name="To">End of the window, which is in the future.</param>
/// <param name="Groups">The one seen last comes first.</param>
/// <param name="NextCursor">Gets the next page; null when this is the last.</param>
internal sealed record ErrorsAnswer(string Window, DateTime From, DateTime To, IReadOnlyList<ErrorGroup> Groups, string? NextCursor);

/// <summary>All faults, or warnings, of one code and field.</summary>
/// <param name="Code">What is wrong; <see cref="ErrorHints"/> lists the codes.</param>
/// <param name="Field">The field at fault; empty when it is the whole event or request.</param>
/// <param name="Count">The number of faults, or of events with the warning. Each counts once, however often it is stored.</param>
/// <param name="FirstSeen">When the first of the window was received.</param>
/// <param name="LastSeen">When the last was received.</param>
/// <param name="Message">The message of the newest, as the client got it.</param>
/// <param name="Fix">How to fix it.</param>
/// <param name="Sample">The newest event at fault that was kept, with masked values: a JSON object; null when there is none.</param>
internal sealed record ErrorGroup(
    string Code,
    string Field,
    long Count,
    DateTime FirstSeen,
    DateTime LastSeen,
    string Message,
    string Fix,
    [property: JsonConverter(typeof(RawJsonConverter))] string? Sample);
