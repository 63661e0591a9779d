using System.Text.Json.Serialization;

namespace SegOps.Monitoring.Ledger;

/// <summary>Body of <c>GET /api/monitoring/ledger</c>; times are UTC.</summary>
/// <param name="Window">1h or 24h.</param>
/// <param name="From">Begin of the first minute.</param>
/// <param name="To">End of the last minute, which is running.</param>
/// <param name="SettledBefore">Minutes that ended by then have had their time; absent as long as the pipeline has not been well for the patience.</param>
/// <param name="PatienceSeconds">How long events of a minute are waited for after its end.</param>
/// <param name="State">What the minutes say together.</param>
/// <param name="Totals">Sums over all minutes.</param>
/// <param name="Alarm">What is missing of the last 24 hours, whatever the window; absent when nothing is.</param>
/// <param name="Minutes">Every minute, those in which nothing came too.</param>
internal sealed record LedgerAnswer(
    string Window, DateTime From, DateTime To, DateTime? SettledBefore, long PatienceSeconds, LedgerState State, LedgerTotals Totals, LedgerGap? Alarm,
    IReadOnlyList<LedgerMinute> Minutes)
{
    /// <summary>The last minutes of <paramref name="ofDay"/>, the ledger of the last 24 hours before <paramref name="to"/>.</summary>
    internal static LedgerAnswer Of(LedgerWindow window, DateTime to, DateTime? settledBefore, TimeSpan patience, IReadOnlyList<LedgerMinute> ofDay)
    {
        var from = to - window.Length;
        var minutes = new LedgerMinute[(int)window.Length.TotalMinutes];
        for (var i = 0; i < minutes.Length; i++)
            minutes[i] = new LedgerMinute(from.AddMinutes(i), 0, 0, 0, 0, 0, 0, 0, 0);
        foreach (var minute in ofDay.Where(minute => minute.At >= from && minute.At < to))
            minutes[(int)(minute.At - from).TotalMinutes] = minute;

        var totals = LedgerTotals.Of(minutes);
        var state = totals.Missing > 0 ? LedgerState.Missing : totals.InFlight > 0 ? LedgerState.InFlight : LedgerState.Balanced;
        return new(window.Name, from, to, settledBefore, (long)patience.TotalSeconds, state, totals, LedgerGap.Of(ofDay), minutes);
    }
}

/// <summary>What a project received within one minute, and what became of it. Received is the sum of the others, uncounted aside.</summary>
/// <param name="At">Begin of the minute.</param>
/// <param name="Received">Events that were accepted or refused.</param>
/// <param name="Stored">Accepted events that are stored, each once, where it was received first.</param>
/// <param name="Duplicates">Accepted events that had been received before.</param>
/// <param name="Rejected">Refused events, and requests that were refused as a whole.</param>
/// <param name="DeadLettered">Accepted events that could not be stored and wait for a correction.</param>
/// <param name="InFlight">Accepted events that are on their way.</param>
/// <param name="Missing">Accepted events that should have arrived and did not.</param>
/// <param name="Uncounted">Stored events that Ingestion did not tell of, as one that is killed does not; part of the others.</param>
internal sealed record LedgerMinute(
    DateTime At, long Received, long Stored, long Duplicates, long Rejected, long DeadLettered, long InFlight, long Missing, long Uncounted);

/// <summary>Sums of <see cref="LedgerMinute"/>'s figures.</summary>
internal sealed record LedgerTotals(
    long Received, long Stored, long Duplicates, long Rejected, long DeadLettered, long InFlight, long Missing, long Uncounted)
{
    internal static LedgerTotals Of(IReadOnlyCollection<LedgerMinute> minutes) => new(
        minutes.Sum(minute => minute.Received), minutes.Sum(minute => minute.Stored), minutes.Sum(minute => minute.Duplicates),
        minutes.Sum(minute => minute.Rejected), minutes.Sum(minute => minute.DeadLettered), minutes.Sum(minute => minute.InFlight),
        minutes.Sum(minute => minute.Missing), minutes.Sum(minute => minute.Uncounted));
}

/// <summary>Events that are missing.</summary>
/// <param name="Missing">How many.</param>
/// <param name="Since">The first minute that lacks some.</param>
internal sealed record LedgerGap(long Missing, DateTime Since)
{
    internal static LedgerGap? Of(IEnumerable<LedgerMinute> minutes)
    {
        var lacking = minutes.Where(minute => minute.Missing > 0).ToList();
        return lacking.Count == 0 ? null : new(lacking.Sum(minute => minute.Missing), lacking.Min(minute => minute.At));
    }
}

/// <summary>What a ledger says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LedgerState>))]
internal enum LedgerState
{
    /// <summary>All that was received is accounted for.</summary>
    [JsonStringEnumMemberName("balanced")]
    Balanced,

    /// <summary>Some events are on their way.</summary>
    [JsonStringEnumMemberName("in_flight")]
    InFlight,

    /// <summary>Some events should have arrived and did not.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,
}
