using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Options;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Quota;

/// <summary>
/// Counts all projects' live events from the accounts, day by day. The sums of days that ended, and have not changed, are remembered.
/// </summary>
internal sealed class StoredEvents(WarehouseReader warehouse, IOptions<QuotaOptions> options)
{
    /// <summary>
    /// The days with their states, slices that changed late, and slices before <c>to</c> that are not counted. A state grows with each step of
    /// counting. Receipts of the last eight days are counted; older days do not change.
    /// </summary>
    private const string Days = """
        SELECT toUnixTimestamp(toStartOfDay(slice)) AS day, sum(state), countIf(is_late), countIf(is_uncounted AND slice < fromUnixTimestamp({to:Int64}))
        FROM
        (
            SELECT slice, max(counted) + max(near) + max(anywhere) AS state, max(counted) < 2 * sum(rows) AS is_uncounted,
                max(changed_at) >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') AND max(changed_at) > slice + toIntervalSecond({late:Int64}) AS is_late
            FROM account_changes
            WHERE source = 'receipts'
            GROUP BY slice
        )
        GROUP BY day
        """;

    /// <summary>Slices that ended before <c>earlier</c>, and slices that began before <c>later</c>.</summary>
    private static readonly string Day = $$"""
        SELECT project_id, sumIf(events, slice + INTERVAL 15 SECOND <= fromUnixTimestamp({earlier:Int64})),
            sumIf(events, slice < fromUnixTimestamp({later:Int64}))
        FROM
        (
            SELECT project_id, quarter + 15 * slot AS slice, toInt64(events_of) AS events
            FROM (SELECT project_id, quarter, receipts FROM accounts FINAL WHERE environment = '{{Contracts.Environments.Live}}' AND {{Within("quarter")}})
            ARRAY JOIN mapKeys(receipts) AS slot, mapValues(receipts) AS events_of
            UNION ALL
            SELECT project_id, slice, -toInt64(count())
            FROM event_duplicates FINAL
            WHERE environment = '{{Contracts.Environments.Live}}' AND {{Within("slice")}}
            GROUP BY project_id, slice
        )
        GROUP BY project_id
        SETTINGS max_threads = 1
        """;

    private const int MaxRows = 1_000_000;
    private static readonly TimeSpan OneDay = TimeSpan.FromDays(1);
    private readonly Dictionary<DateTimeOffset, (long State, List<ProjectEvents> Projects)> _ended = [];

    /// <summary>Counts the live events of <paramref name="months"/>.</summary>
    /// <param name="months">The months.</param>
    /// <param name="earlier">Events that were surely received before this time count as <see cref="ProjectEvents.Earlier"/>.</param>
    /// <param name="later">Events that may have been received before this time count as <see cref="ProjectEvents.Later"/>.</param>
    /// <param name="since">Start of the time in which late events matter.</param>
    /// <param name="late">The time from receipt after which an event is stored late.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    internal async Task<StoredCounts> CountAsync(
        Month[] months, DateTimeOffset earlier, DateTimeOffset later, DateTimeOffset since, TimeSpan late, CancellationToken cancellationToken)
    {
        var days = await DaysAsync(later, since, late, cancellationToken);
        Dictionary<(string, Month), ProjectEvents> sums = [];
        foreach (var month in months)
        {
            for (var day = month.Begins; day < month.Ends && day < later; day += OneDay)
            {
                foreach (var project in await DayAsync(day, days.GetValueOrDefault(day), earlier, later, cancellationToken))
                {
                    var sum = sums.GetValueOrDefault((project.Project, month));
                    sums[(project.Project, month)] = new(project.Project, project.Earlier + (sum?.Earlier ?? 0), project.Later + (sum?.Later ?? 0));
                }
            }
        }

        foreach (var day in _ended.Keys.Where(day => !months.Any(month => day >= month.Begins && day < month.Ends)).ToList())
            _ended.Remove(day);
        return new(sums, days.Values.Any(day => day.Late > 0), days.Values.All(day => day.Uncounted == 0));
    }

    private async Task<Dictionary<DateTimeOffset, DayState>> DaysAsync(DateTimeOffset later, DateTimeOffset since, TimeSpan late, CancellationToken cancellationToken)
    {
        var parameters = new ClickHouseParameterCollection()
            .With("to", later.ToUnixTimeSeconds())
            .With("since", QueryValues.Micros(since))
            .With("late", (long)late.TotalSeconds);
        var rows = await warehouse.ReadAsync(
            Days, parameters, MaxRows, static row => (Day: DateTimeOffset.FromUnixTimeSeconds(row.Number(0)), State: new DayState(row.Number(1), row.Number(2), row.Number(3))),
            cancellationToken, options.Value.QueryDeadline);
        return rows.ToDictionary(row => row.Day, row => row.State);
    }

    private async Task<List<ProjectEvents>> DayAsync(
        DateTimeOffset day, DayState? state, DateTimeOffset earlier, DateTimeOffset later, CancellationToken cancellationToken)
    {
        // A day without changes is older than these are kept.
        if (_ended.TryGetValue(day, out var ended) && (state is null || ended.State == state.State))
            return ended.Projects;
        var parameters = new ClickHouseParameterCollection()
            .With("from", day.ToUnixTimeSeconds())
            .With("to", (day + OneDay).ToUnixTimeSeconds())
            .With("earlier", earlier.ToUnixTimeSeconds())
            .With("later", later.ToUnixTimeSeconds());
        var projects = await warehouse.ReadAsync(
            Day, parameters, MaxRows, static row => new ProjectEvents(row.GetString(0), row.Number(1), row.Number(2)), cancellationToken, options.Value.QueryDeadline);
        if (day + OneDay <= earlier && state is not { Uncounted: > 0 })
            _ended[day] = (state?.State ?? 0, projects);
        return projects;
    }

    private static string Within(string column) => column + " >= fromUnixTimestamp({from:Int64}) AND " + column + " < fromUnixTimestamp({to:Int64})";

    private sealed record DayState(long State, long Late, long Uncounted);
}

/// <summary>A project's live events.</summary>
/// <param name="Project">The project.</param>
/// <param name="Earlier">Those that were surely received before the earlier time.</param>
/// <param name="Later">Those that may have been received before the later time.</param>
internal sealed record ProjectEvents(string Project, long Earlier, long Later);

/// <summary>All projects' live events of some months.</summary>
/// <param name="Events">The counts; projects without events are absent.</param>
/// <param name="HasLate">Whether events were stored late.</param>
/// <param name="AreComplete">Whether all stored events are counted.</param>
internal sealed record StoredCounts(IReadOnlyDictionary<(string Project, Month Month), ProjectEvents> Events, bool HasLate, bool AreComplete);
