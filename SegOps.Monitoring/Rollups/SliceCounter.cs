using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>
/// Counts changed slices into <c>accounts</c>. Counting a slice again, or by several instances, does no harm, because counts only grow.
/// </summary>
internal sealed partial class SliceCounter
{
    /// <summary>Maximum rows per statement, so that it takes about a second.</summary>
    private const long MaxRows = 4_000_000;

    /// <summary>Refusals in one pass from which the cause is ClickHouse, not a slice.</summary>
    private const int MostRefusals = 5;

    private const string NotOfHolder = $"NOT ({QueryValues.OfProject})";

    /// <summary>Pause before a slice that ClickHouse refused is tried again.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly AccountChanges _changes;
    private readonly CrowdedProjects _crowded;
    private readonly TimeProvider _clock;
    private readonly ILogger<SliceCounter> _logger;
    private readonly Counter<long> _counted;
    private readonly ConcurrentDictionary<(AccountSource Source, long Slice), long> _held = new();

    public SliceCounter(AccountChanges changes, CrowdedProjects crowded, TimeProvider clock, IMeterFactory meters, ILogger<SliceCounter> logger)
    {
        (_changes, _crowded, _clock, _logger) = (changes, crowded, clock, logger);
        _counted = meters.Create("SegOps.Monitoring").CreateCounter<long>(
            "segops.rollups.slices", "{slice}", "Slices of receipts, errors and reports that were counted.");
    }

    /// <summary>Counts the slices of <paramref name="source"/> that changed first. If ClickHouse refuses one, the others are still counted.</summary>
    /// <returns>Whether there are more changes than one pass counts.</returns>
    /// <exception cref="WarehouseUnavailableException">ClickHouse does not answer, or refuses everything.</exception>
    internal async Task<bool> CountAsync(AccountSource source, CancellationToken cancellationToken)
    {
        foreach (var held in _held.Where(held => _clock.GetElapsedTime(held.Value) > RetryAfter))
            _held.TryRemove(held);
        var changed = await _changes.ChangedAsync(source, _held.Keys.Where(held => held.Source == source).Select(held => held.Slice), cancellationToken);
        if (changed.Count == 0)
            return false;
        var part = DuplicateSearch.Parts(changed, slice => slice.Rows, MaxRows).First();
        try
        {
            await CountAsync(source, part, cancellationToken);
        }
        catch (WarehouseUnavailableException refused) when (refused.Code is not null)
        {
            await CountEachAsync(source, part, cancellationToken);
        }
        return part.Count < changed.Count;
    }

    private async Task CountAsync(AccountSource source, List<ChangedSlice> slices, CancellationToken cancellationToken)
    {
        var ids = slices.ConvertAll(slice => slice.Slice);
        var visible = await _changes.VisibleAsync(source, ids, cancellationToken);
        var crowded = source == AccountSource.Receipts ? await _crowded.FindAsync(ids, slices.Sum(slice => slice.Rows), cancellationToken) : [];
        if (crowded.Count == 0)
            await _changes.RunAsync(AccountSource.With(source.Count, ids), cancellationToken);
        else
            await _changes.RunAsync(AccountSource.With(source.Count, ids, CrowdedProjects.NotCrowded), CrowdedProjects.Names(crowded), cancellationToken);
        foreach (var each in crowded)
            await _crowded.CountAsync(each, ids, cancellationToken);
        await _changes.CountedAsync(
            source,
            slices.ConvertAll(slice => new SliceState(
                slice.Slice, (2 * slice.Rows) + (slice.IsAged || visible.GetValueOrDefault(slice.Slice) == slice.Rows ? 1 : 0))),
            cancellationToken);
        _counted.Add(slices.Count);
    }

    private async Task CountEachAsync(AccountSource source, List<ChangedSlice> slices, CancellationToken cancellationToken)
    {
        var refusals = 0;
        foreach (var slice in slices)
        {
            try
            {
                await CountAsync(source, [slice], cancellationToken);
            }
            catch (WarehouseUnavailableException refused) when (refused.Code is not null && ++refusals < MostRefusals)
            {
                _held[(source, slice.Slice)] = _clock.GetTimestamp();
                LogHeld(DateTimeOffset.FromUnixTimeSeconds(slice.Slice).UtcDateTime, refused.Code.Value);
                await CountOthersAsync(source, slice.Slice, cancellationToken);
            }
        }
    }

    /// <summary>Counts a slice without its largest project, and records that this project holds the slice. It stays to be counted.</summary>
    private async Task CountOthersAsync(AccountSource source, long slice, CancellationToken cancellationToken)
    {
        var holder = "";
        try
        {
            var largest = await _changes.ReadAsync(
                AccountSource.With(source.Largest, [slice]), static row => (Project: row.GetString(0), Environment: row.GetString(1)), cancellationToken);
            if (largest is [var (project, environment)])
            {
                await _changes.RunAsync(AccountSource.With(source.Count, [slice], NotOfHolder), QueryValues.Project(project, environment), cancellationToken);
                holder = string.Create(CultureInfo.InvariantCulture, $"{project} {environment}");
            }
        }
        catch (WarehouseUnavailableException refused) when (refused.Code is not null)
        {
            // It holds all projects of the slice.
        }
        await _changes.HeldAsync(source, slice, holder, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The warehouse refused with error {Code} to count what was received from {Start:u} on. It is tried again in a minute.")]
    private partial void LogHeld(DateTime start, int code);
}
