using SegOps.Monitoring.Volume;

namespace SegOps.Monitoring.Errors;

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

    /// <summary>The last moment that is shown: on the first page all, though a server's clock may be ahead of ours.</summary>
    internal DateTime Until => After?.Until ?? Span.To.AddMicroseconds(-1);

    /// <summary>The cursor after <paramref name="last"/>, on a page that begins with <paramref name="first"/>.</summary>
    internal ErrorsCursor Next(GroupTotals first, GroupTotals last)
    {
        var until = After?.Until ?? (first.LastSeen > Now.UtcDateTime ? first.LastSeen : Now.UtcDateTime);
        return new(until, last.LastSeen, last.Code, last.Field);
    }
}
