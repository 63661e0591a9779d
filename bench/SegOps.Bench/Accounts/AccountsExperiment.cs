using System.Diagnostics;
using System.Globalization;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;

namespace SegOps.Bench.Accounts;

/// <summary>
/// Measures what the accounts cost in ClickHouse, beside the inserts of the same events: one large project, and many small ones. The events are
/// generated in ClickHouse and lie in the past, so that their slices are over. Several slices are inserted and merged while Monitoring is suspended, and
/// then counted while nothing is merged that was inserted. What ClickHouse uses without events is subtracted. So the windows of their ids are searched once, as those of slices that have just ended are.
/// After some slices only receipts are stored, as the view on events would store them, because whole events of a bucket take long.
/// </summary>
internal static class AccountsExperiment
{
    private const string ClickHouse = "clickhouse";

    /// <summary>Slices and windows that Monitoring has not finished.</summary>
    private const string Unfinished = """
        SELECT count()
        FROM
        (
            SELECT done, all_rows, was, sum(done) OVER (ORDER BY toUnixTimestamp(slice) RANGE BETWEEN 15 PRECEDING AND 30 FOLLOWING) AS state
            FROM
            (
                SELECT slice, max(counted) AS done, max(near) AS was, sum(rows) AS all_rows
                FROM account_changes
                WHERE source = 'receipts'
                GROUP BY slice
            )
        )
        WHERE done < 2 * all_rows + (all_rows > 0) OR was < state
        """;

    /// <summary>The same view, to which the events of the past are not late.</summary>
    private const string FreshEvents = """
        ALTER TABLE account_changes_from_receipts MODIFY QUERY
        SELECT 'receipts' AS source, slice, count() AS rows, countIf(made = 0) AS far, 0 AS late, now64(3, 'UTC') AS changed_at
        FROM receipts
        GROUP BY slice
        """;

    /// <summary>Slices that are inserted and counted together. Each search of a window reads four.</summary>
    private const int Together = 12;

    /// <summary>The tables that inserts fill. What merges them belongs to the inserts.</summary>
    private static readonly string[] Inserted = ["events", "receipts"];

    /// <summary>Time for which ClickHouse's work without events is measured: health checks, canaries, and passes that find nothing.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MaxPass = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Stores and counts <paramref name="seconds"/> of traffic.</summary>
    /// <param name="projects">Small projects, each with an event a second.</param>
    /// <param name="rate">Events a second of the large project. One of a thousand is sent again five seconds later.</param>
    /// <param name="seconds">The time, a multiple of 15 s.</param>
    /// <param name="eventSeconds">The first part of it, a multiple of 15 s, of which events are stored and not only receipts.</param>
    /// <param name="progress">Shows progress.</param>
    /// <param name="cancellationToken">Aborts.</param>
    internal static async Task<Outcome> RunAsync(int projects, int rate, int seconds, int eventSeconds, Progress progress, CancellationToken cancellationToken)
    {
        progress.Show("Starting the system");
        await using var bench = await BenchSystem.StartAsync(
            options => options with { ServiceEnvironment = new Dictionary<string, string>(options.ServiceEnvironment) { ["Rollups__Interval"] = "00:00:00.1" } },
            cancellationToken);
        eventSeconds = Math.Min(eventSeconds, seconds);
        var traffic = new Traffic(projects, rate, seconds);
        var warehouse = new BenchWarehouse(bench.System.ClickHouseConnectionString);
        await warehouse.RunAsync(FreshEvents, cancellationToken);
        var (inserted, counted, longest) = await MeasureAsync(bench.System, traffic, eventSeconds, warehouse, progress, cancellationToken);

        var table = new Table("work of ClickHouse", "CPU microseconds an event", "share of the inserts", "longest pass, s");
        var (insert, count) = (inserted.TotalMicroseconds / traffic.EventsIn(eventSeconds), counted.TotalMicroseconds / traffic.EventsIn(seconds));
        table.Add("inserts with views and merges", Cell.Of(insert, "F3"), "", "");
        table.Add("accounts", Cell.Of(count, "F3"), Cell.Of(count / insert, "P1"), Cell.Of(longest.TotalSeconds, "F1"));
        return new Outcome
        {
            Conditions = string.Create(CultureInfo.InvariantCulture,
                $"{projects:N0} projects with 1 event a second, and one with {rate:N0}, for {seconds} s, after {eventSeconds} s as receipts only. ClickHouse has 2 GiB."),
            Tables = [table],
            Counts =
            [
                new ExactCount("Receipts", traffic.EventsIn(seconds) + traffic.Retries, await warehouse.RunAsync("SELECT sum(arraySum(mapValues(receipts))) FROM accounts FINAL", cancellationToken)),
                new ExactCount("Duplicates", traffic.Retries, await warehouse.RunAsync("SELECT count() FROM event_duplicates FINAL", cancellationToken)),
            ],
            Faults = longest > MaxPass ? [$"A pass took more than {MaxPass.TotalSeconds} s."] : [],
        };
    }

    private static async Task<(TimeSpan Inserted, TimeSpan Counted, TimeSpan Longest)> MeasureAsync(
        LocalSystem system, Traffic traffic, int eventSeconds, BenchWarehouse warehouse, Progress progress, CancellationToken cancellationToken)
    {
        var (inserted, counted, longest) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var idle = await CpuAsync(system, () => Task.Delay(IdleTime, cancellationToken)) / IdleTime.TotalSeconds;
        var begin = DateTimeOffset.FromUnixTimeSeconds((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 900 * 900) - 900 - traffic.Seconds);
        for (var second = 0; second < traffic.Seconds;)
        {
            progress.Show($"{second} of {traffic.Seconds} s are counted");
            var storesEvents = second < eventSeconds;
            var end = Math.Min(second + (Together * Traffic.SliceSeconds), storesEvents ? eventSeconds : traffic.Seconds);
            system.Parts["monitoring"].Pause();
            try
            {
                var cpu = await CpuAsync(system, async () =>
                {
                    for (; second < end; second += Traffic.SliceSeconds)
                        foreach (var sql in traffic.Inserts(begin.AddSeconds(second), storesEvents ? Traffic.Event : Traffic.Receipt))
                            await warehouse.RunAsync(sql, cancellationToken);
                    await warehouse.WaitForMergesAsync(WaitTimeout, cancellationToken);
                });
                if (storesEvents)
                    inserted += cpu;
            }
            finally
            {
                system.Parts["monitoring"].Resume();
            }

            await SwitchMergesAsync("STOP");
            var resumed = Stopwatch.GetTimestamp();
            var cpuOfCounting = await CpuAsync(system, async () =>
            {
                var pass = await WaitForAccountsAsync(warehouse, cancellationToken);
                longest = pass > longest ? pass : longest;
            });
            counted += cpuOfCounting - (idle * Stopwatch.GetElapsedTime(resumed).TotalSeconds);
            await SwitchMergesAsync("START");
        }
        return (inserted, counted, longest);

        async Task SwitchMergesAsync(string to)
        {
            foreach (var table in Inserted)
                await warehouse.RunAsync($"SYSTEM {to} MERGES {table}", cancellationToken);
        }
    }

    private static async Task<TimeSpan> CpuAsync(LocalSystem system, Func<Task> action)
    {
        var usage = new PartUsage(system, ClickHouse);
        await action();
        usage.Sample();
        return usage.Cpu(ClickHouse);
    }

    /// <summary>
    /// Returns the longest time in which no slice and no window was finished: no pass takes longer, because each finishes some. The first is left out,
    /// because Monitoring makes a long pause after a pass in which it was suspended.
    /// </summary>
    private static async Task<TimeSpan> WaitForAccountsAsync(BenchWarehouse warehouse, CancellationToken cancellationToken)
    {
        var (since, first, longest) = (Stopwatch.GetTimestamp(), await warehouse.RunAsync(Unfinished, cancellationToken), TimeSpan.Zero);
        for (var before = first; before > 0;)
        {
            await Task.Delay(PollInterval, cancellationToken);
            var unfinished = await warehouse.RunAsync(Unfinished, cancellationToken);
            var took = Stopwatch.GetElapsedTime(since);
            if (took > WaitTimeout)
                throw new TimeoutException($"No slice was counted within {WaitTimeout.TotalMinutes} minutes.");
            if (before < first && took > longest)
                longest = took;
            if (unfinished != before)
                (before, since) = (unfinished, Stopwatch.GetTimestamp());
        }
        await warehouse.WaitForMergesAsync(WaitTimeout, cancellationToken);
        return longest;
    }
}
