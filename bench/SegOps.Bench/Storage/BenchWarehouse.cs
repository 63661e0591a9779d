using System.Diagnostics;
using System.Globalization;
using ClickHouse.Driver.ADO;

namespace SegOps.Bench.Storage;

/// <summary>Queries ClickHouse directly.</summary>
internal sealed class BenchWarehouse(string connectionString)
{
    /// <summary>Distinct ids that one query counts in memory. The embedded engine has 2 GiB in total.</summary>
    private const long SliceEvents = 1_000_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs a statement and returns the first column of its first row, or 0 if there is no row.</summary>
    internal async Task<long> RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null ? 0 : Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }

    /// <summary>Counts a project's rows in <c>events</c>. This is cheap but may include duplicates.</summary>
    /// <param name="project">Null: all projects.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal Task<long> RowsAsync(string? project, CancellationToken cancellationToken) =>
        RunAsync($"SELECT count() FROM events WHERE {Of(project)}", cancellationToken);

    /// <summary>Counts a project's distinct events, in several queries if necessary.</summary>
    /// <param name="project">Null: all projects.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal async Task<long> EventsAsync(string? project, CancellationToken cancellationToken)
    {
        var slices = 1 + (await RowsAsync(project, cancellationToken) / SliceEvents);
        long events = 0;
        for (var slice = 0; slice < slices; slice++)
            events += await RunAsync($"SELECT uniqExact(event_id) FROM events WHERE {Of(project)} AND sipHash64(event_id) % {slices} = {slice}", cancellationToken);
        return events;
    }

    /// <summary>Waits until a project has <paramref name="events"/> events, at most for <paramref name="timeout"/>. Returns their number.</summary>
    internal async Task<long> WaitForEventsAsync(string project, long events, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var stored = await EventsAsync(project, cancellationToken);
            if (stored >= events || Stopwatch.GetElapsedTime(began) > timeout)
                return stored;
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    /// <summary>Waits until no merge is running, so that earlier inserts do not affect the next measurement.</summary>
    /// <exception cref="TimeoutException">Merges are still running after <paramref name="timeout"/>.</exception>
    internal Task WaitForMergesAsync(TimeSpan timeout, CancellationToken cancellationToken) => PollAsync(
        async () => await RunAsync("SELECT count() FROM system.merges", cancellationToken) == 0, "Rows were not merged", timeout, cancellationToken);

    /// <summary>Waits until <c>events</c> has <paramref name="rows"/> rows of all projects.</summary>
    /// <exception cref="TimeoutException">It has fewer rows after <paramref name="timeout"/>.</exception>
    internal Task WaitForRowsAsync(long rows, TimeSpan timeout, CancellationToken cancellationToken) => PollAsync(
        async () => await RowsAsync(project: null, cancellationToken) >= rows, "Rows were not stored", timeout, cancellationToken);

    /// <summary>Runs a query that returns ids with a number for each.</summary>
    internal async Task<IReadOnlyDictionary<Guid, long>> IdsAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var numbers = new Dictionary<Guid, long>();
        while (await reader.ReadAsync(cancellationToken))
            numbers.Add(reader.GetGuid(0), Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture));
        return numbers;
    }

    private static async Task PollAsync(Func<Task<bool>> condition, string failure, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > timeout)
                throw new TimeoutException($"{failure} within {timeout.TotalMinutes} minutes.");
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    private static string Of(string? project) => project is null ? "1" : $"project_id = '{project}'";
}
