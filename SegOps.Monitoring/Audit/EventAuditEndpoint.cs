using System.Text.Json.Serialization;
using SegOps.InternalApi;

namespace SegOps.Monitoring.Audit;

/// <summary>A span of time up to now, in minutes. The last minute is still running.</summary>
internal sealed record EventAuditWindow(string Name, TimeSpan Length)
{
    private static readonly EventAuditWindow[] All = [new("1h", TimeSpan.FromHours(1)), new("24h", EventAuditQuery.Length)];

    /// <summary>Reads the parameter <c>window</c>. Default: one hour.</summary>
    internal static EventAuditWindow Parse(IQueryCollection query) => QueryParameters.Optional(query, "window") is not { } text
        ? All[0]
        : All.FirstOrDefault(window => window.Name == text) ?? throw new InvalidParameterException("window takes 1h or 24h.");

    /// <summary>The end of the running minute.</summary>
    internal static DateTime End(DateTimeOffset now) => new((now.UtcTicks / TimeSpan.TicksPerMinute + 1) * TimeSpan.TicksPerMinute, DateTimeKind.Utc);
}

/// <summary><c>GET /api/monitoring/ledger?window=1h|24h</c></summary>
internal static class EventAuditEndpoint
{
    internal static void MapEventAudit(this RouteGroupBuilder api) => api.MapGet("/ledger", async (
        Caller caller, HttpRequest request, EventAuditQuery audit, Watermark watermark, TimeProvider clock, CancellationToken cancellationToken) =>
    {
        var window = EventAuditWindow.Parse(request.Query);
        var to = EventAuditWindow.End(clock.GetUtcNow());
        var current = watermark.Current;
        var minutes = await audit.OfProjectAsync(caller, to, current, cancellationToken);
        return Results.Json(EventAuditAnswer.Of(window, to, current, watermark.AllowedLateness, minutes));
    });
}

/// <summary>Body of <c>GET /api/monitoring/ledger</c>; times are UTC.</summary>
/// <param name="Window">1h or 24h.</param>
/// <param name="From">Start of the first minute.</param>
/// <param name="To">End of the last minute, which is running.</param>
/// <param name="SettledBefore">The watermark; absent until the pipeline has been healthy for the allowed lateness.</param>
/// <param name="PatienceSeconds">The allowed lateness after the end of a minute.</param>
/// <param name="State">The result over all minutes.</param>
/// <param name="Totals">Sums over all minutes.</param>
/// <param name="Alarm">The missing events of the last 24 hours, regardless of the window; absent if there are none.</param>
/// <param name="Minutes">All minutes, including those without events.</param>
internal sealed record EventAuditAnswer(
    string Window, DateTime From, DateTime To, DateTime? SettledBefore, long PatienceSeconds, EventAuditState State, EventAuditTotals Totals, EventAuditGap? Alarm,
    IReadOnlyList<EventAuditMinute> Minutes)
{
    /// <summary>The answer for the last part of <paramref name="ofDay"/>, the minutes of the 24 hours before <paramref name="to"/>.</summary>
    internal static EventAuditAnswer Of(
        EventAuditWindow window, DateTime to, DateTime? watermark, TimeSpan allowedLateness, IReadOnlyList<EventAuditMinute> ofDay)
    {
        var from = to - window.Length;
        var minutes = new EventAuditMinute[(int)window.Length.TotalMinutes];
        for (var i = 0; i < minutes.Length; i++)
            minutes[i] = new EventAuditMinute(from.AddMinutes(i), 0, 0, 0, 0, 0, 0, 0, 0);
        foreach (var minute in ofDay.Where(minute => minute.At >= from && minute.At < to))
            minutes[(int)(minute.At - from).TotalMinutes] = minute;

        var totals = EventAuditTotals.Of(minutes);
        var state = totals.Missing > 0 ? EventAuditState.Missing : totals.InFlight > 0 ? EventAuditState.InFlight : EventAuditState.Balanced;
        return new(window.Name, from, to, watermark, (long)allowedLateness.TotalSeconds, state, totals, EventAuditGap.Of(ofDay), minutes);
    }
}

/// <summary>A project's events of one minute, by result. Received is the sum of the other figures, without uncounted.</summary>
/// <param name="At">Start of the minute.</param>
/// <param name="Received">Events that were accepted or refused.</param>
/// <param name="Stored">Stored events, each in the minute of its first receipt.</param>
/// <param name="Duplicates">Accepted events that had been received before.</param>
/// <param name="Rejected">Refused events, and requests that were refused as a whole.</param>
/// <param name="DeadLettered">Accepted events that could not be stored and need a correction.</param>
/// <param name="InFlight">Accepted events that are not stored yet.</param>
/// <param name="Missing">Accepted events that did not arrive in time.</param>
/// <param name="Uncounted">Stored events that Ingestion did not report because it was killed; included in the other figures.</param>
internal sealed record EventAuditMinute(
    DateTime At, long Received, long Stored, long Duplicates, long Rejected, long DeadLettered, long InFlight, long Missing, long Uncounted);

/// <summary>Sums of the figures of <see cref="EventAuditMinute"/>.</summary>
internal sealed record EventAuditTotals(
    long Received, long Stored, long Duplicates, long Rejected, long DeadLettered, long InFlight, long Missing, long Uncounted)
{
    internal static EventAuditTotals Of(IReadOnlyCollection<EventAuditMinute> minutes) => new(
        minutes.Sum(minute => minute.Received), minutes.Sum(minute => minute.Stored), minutes.Sum(minute => minute.Duplicates),
        minutes.Sum(minute => minute.Rejected), minutes.Sum(minute => minute.DeadLettered), minutes.Sum(minute => minute.InFlight),
        minutes.Sum(minute => minute.Missing), minutes.Sum(minute => minute.Uncounted));
}

/// <summary>Missing events.</summary>
/// <param name="Missing">Their number.</param>
/// <param name="Since">The first affected minute.</param>
internal sealed record EventAuditGap(long Missing, DateTime Since)
{
    internal static EventAuditGap? Of(IEnumerable<EventAuditMinute> minutes)
    {
        var lacking = minutes.Where(minute => minute.Missing > 0).ToList();
        return lacking.Count == 0 ? null : new(lacking.Sum(minute => minute.Missing), lacking.Min(minute => minute.At));
    }
}

/// <summary>The result of an audit.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventAuditState>))]
internal enum EventAuditState
{
    /// <summary>Every received event is accounted for.</summary>
    [JsonStringEnumMemberName("balanced")]
    Balanced,

    /// <summary>Some events are in flight.</summary>
    [JsonStringEnumMemberName("in_flight")]
    InFlight,

    /// <summary>Some events are missing.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,
}
