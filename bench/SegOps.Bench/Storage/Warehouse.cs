using System.Diagnostics;
using System.Globalization;
using ClickHouse.Driver.ADO;

namespace SegOps.Bench.Storage;

/// <summary>ClickHouse, asked directly.</summary>
internal sealed class Warehouse(string connectionString)
{
    /// <summary>Distinct ids that one query counts: they are held in memory, of which the embedded engine has 2 GiB for everything.</summary>
    private const long SliceEvents = 1_000_000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs a statement and returns the first column of its first row, 0 without one.</summary>
    internal async Task<long> RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null ? 0 : Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }

    /// <summary>A project's rows in the table of events: cheap, but what was delivered twice may still be there twice.</summary>
    /// <param name="project">Null for those of all.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    internal Task<long> RowsAsync(string? project, CancellationToken cancellationToken) =>
        RunAsync($"SELECT count() FROM events WHERE {Of(project)}", cancellationToken);

    /// <summary>A project's events, each id counted once, in as many queries as their number needs.</summary>
    /// <param name="project">Null for those of all.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    internal async Task<long> EventsAsync(string? project, CancellationToken cancellationToken)
    {
        var slices = 1 + (await RowsAsync(project, cancellationToken) / SliceEvents);
        long events = 0;
        for (var slice = 0; slice < slices; slice++)
            events += await RunAsync($"SELECT uniqExact(event_id) FROM events WHERE {Of(project)} AND sipHash64(event_id) % {slices} = {slice}", cancellationToken);
        return events;
    }

    /// <summary>Counts a project's events until there are <paramref name="events"/>, or waiting for <paramref name="patience"/> was of no use.</summary>
    internal async Task<long> WaitForEventsAsync(string project, long events, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var stored = await EventsAsync(project, cancellationToken);
            if (stored >= events || Stopwatch.GetElapsedTime(began) > patience)
                return stored;
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    /// <summary>Waits until ClickHouse merges nothing, so that what is measured next does not pay for what was stored before.</summary>
    /// <exception cref="TimeoutException">It still does after <paramref name="patience"/>.</exception>
    internal Task WaitForMergesAsync(TimeSpan patience, CancellationToken cancellationToken) => UntilAsync(
        async () => await RunAsync("SELECT count() FROM system.merges", cancellationToken) == 0, "Rows were not merged", patience, cancellationToken);

    /// <summary>Waits until the table of events holds <paramref name="rows"/> of all projects.</summary>
    /// <exception cref="TimeoutException">It does not after <paramref name="patience"/>.</exception>
    internal Task WaitForRowsAsync(long rows, TimeSpan patience, CancellationToken cancellationToken) => UntilAsync(
        async () => await RowsAsync(project: null, cancellationToken) >= rows, "Rows were not stored", patience, cancellationToken);

    /// <summary>Runs a query of ids and a number for each.</summary>
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

    private static async Task UntilAsync(Func<Task<bool>> isSo, string otherwise, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(began) > patience)
                throw new TimeoutException($"{otherwise} within {patience.TotalMinutes} minutes.");
            await Task.Delay(LookInterval, cancellationToken);
        }
    }

    private static string Of(string? project) => project is null ? "1" : $"project_id = '{project}'";
}
