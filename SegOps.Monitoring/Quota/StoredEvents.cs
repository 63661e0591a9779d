using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Quota;

/// <summary>Counts live events in ClickHouse. It runs one query at a time with two threads, so that it does not slow customers' queries.</summary>
internal sealed class StoredEvents(WarehouseReader warehouse, IOptions<QuotaOptions> options)
{
    /// <summary>Copies of an event count as rows. A late event was received long before it was stored.</summary>
    private const string Overview = $$"""
        SELECT {{EventColumns.ProjectId}}, toYYYYMM({{EventColumns.ReceivedAt}}) AS month, count(),
            countIf(ingested_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
                AND {{EventColumns.ReceivedAt}} < ingested_at - toIntervalSecond({late:Int64}))
        FROM events
        WHERE {{EventColumns.Environment}} = '{{Contracts.Environments.Live}}' AND {{EventColumns.ReceivedAt}} >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
        GROUP BY {{EventColumns.ProjectId}}, month
        SETTINGS max_threads = 2
        """;

    /// <summary>Uses groups, which spill to disk. A set of ids would need memory for the largest day.</summary>
    private const string Count = $$"""
        SELECT countIf(first < fromUnixTimestamp64Micro({earlier:Int64}, 'UTC')), count()
        FROM
        (
            SELECT min({{EventColumns.ReceivedAt}}) AS first
            FROM events
            WHERE {{EventColumns.ProjectId}} = {project:String} AND {{EventColumns.Environment}} = '{{Contracts.Environments.Live}}'
                AND {{EventColumns.ReceivedAt}} >= fromUnixTimestamp64Micro({from:Int64}, 'UTC')
                AND {{EventColumns.ReceivedAt}} < fromUnixTimestamp64Micro({to:Int64}, 'UTC')
            GROUP BY {{EventColumns.EventId}}
        )
        SETTINGS max_threads = 2, max_bytes_before_external_group_by = 500000000
        """;

    private const int MaxProjects = 1_000_000;
    private static readonly TimeSpan Closed = TimeSpan.FromDays(2);
    private readonly Dictionary<(string Project, Month Month), (DateTimeOffset Until, long Events)> _closed = [];

    /// <summary>Rows by project and month, and whether events stored since <paramref name="since"/> were <paramref name="late"/>.</summary>
    internal async Task<StoredOverview> OverviewAsync(Month[] months, DateTimeOffset since, TimeSpan late, CancellationToken cancellationToken)
    {
        var parameters = new ClickHouseParameterCollection()
            .With("since", QueryValues.Micros(since))
            .With("late", (long)late.TotalSeconds)
            .With("from", QueryValues.Micros(months.Min(month => month.Begins)));
        var rows = await warehouse.ReadAsync(
            Overview, parameters, MaxProjects, row => (Project: row.GetString(0), Month: (int)row.Number(1), Rows: row.Number(2), Late: row.Number(3)),
            cancellationToken, options.Value.QueryDeadline);
        return new StoredOverview(rows.ToDictionary(row => (row.Project, row.Month), row => row.Rows), rows.Any(row => row.Late > 0));
    }

    /// <summary>
    /// Counts the month's events that were received before <paramref name="earlier"/> and before <paramref name="later"/>, day by day; of
    /// days that ended long before <paramref name="earlier"/> the sum is remembered if <paramref name="areComplete"/>.
    /// </summary>
    internal async Task<(long Earlier, long Later)> CountAsync(
        Figure figure, DateTimeOffset earlier, DateTimeOffset later, bool areComplete, CancellationToken cancellationToken)
    {
        var key = (figure.Project, figure.Month);
        var (day, sum) = _closed.GetValueOrDefault(key, (figure.Month.Begins, 0));
        var (earlierSum, laterSum) = (sum, sum);
        for (; day < figure.Month.Ends && day < later; day = day.AddDays(1))
        {
            var next = day.AddDays(1);
            var parameters = new ClickHouseParameterCollection()
                .With("project", figure.Project)
                .With("earlier", QueryValues.Micros(earlier))
                .With("from", QueryValues.Micros(day))
                .With("to", QueryValues.Micros(next < later ? next : later));
            var counts = await warehouse.ReadAsync(
                Count, parameters, 1, row => (Earlier: row.Number(0), Later: row.Number(1)), cancellationToken, options.Value.QueryDeadline);
            earlierSum += counts[0].Earlier;
            laterSum += counts[0].Later;
            if (areComplete && next + Closed <= earlier)
                _closed[key] = (next, laterSum);
        }

        return (earlierSum, laterSum);
    }

    /// <summary>Clears the cached days of all months except <paramref name="except"/>.</summary>
    internal void Clear(params Month[] except)
    {
        foreach (var key in _closed.Keys.Where(key => !except.Contains(key.Month)).ToList())
            _closed.Remove(key);
    }
}

/// <summary>The content of the events table by project and month.</summary>
/// <param name="ByMonth">The rows; months as <see cref="Month.Number"/>.</param>
/// <param name="HasLate">Whether there are late events.</param>
internal sealed record StoredOverview(Dictionary<(string Project, int Month), long> ByMonth, bool HasLate)
{
    /// <summary>Projects with events, possibly more than once.</summary>
    internal IEnumerable<string> Projects => ByMonth.Keys.Select(key => key.Project);

    /// <summary>Rows of a project in a month.</summary>
    internal long Rows(string project, Month month) => ByMonth.GetValueOrDefault((project, month.Number));
}
