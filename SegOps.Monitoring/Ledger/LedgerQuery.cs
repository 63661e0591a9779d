using ClickHouse.Driver.ADO.Parameters;
using SegOps.Contracts;
using SegOps.ServiceDefaults.InternalCalls;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Ledger;

/// <summary>What all projects miss together.</summary>
/// <param name="Events">Events accepted of which nothing is to be found.</param>
/// <param name="Projects">Of how many projects and environments.</param>
/// <param name="First">The first minute that lacks some; null when none does.</param>
internal sealed record MissingEvents(long Events, long Projects, DateTime? First);

/// <summary>
/// Puts what was received and what became of it side by side, by the minute in which it was received. docs/decisions/0012-ledger.md says what
/// each figure is.
/// </summary>
internal sealed class LedgerQuery(WarehouseReader warehouse)
{
    /// <summary>How far back gaps are looked for.</summary>
    internal static readonly TimeSpan Length = TimeSpan.FromHours(24);

    private const int Minutes = 24 * 60;

    /// <summary>Longest time for all projects' minutes, for which nobody waits.</summary>
    private static readonly TimeSpan OfAllDeadline = TimeSpan.FromMinutes(1);

    private static readonly string OfProject = $"""
        SELECT toUnixTimestamp(minute), received, stored, duplicates, rejected, dead_lettered, in_flight, missing, uncounted
        FROM ({LedgerSql.Of(QueryValues.OfProject)})
        """;

    private static readonly string OfAll = $"""
        SELECT sum(missing), uniqExact(project_id, environment), toUnixTimestamp(min(minute))
        FROM ({LedgerSql.Of($"project_id != '{Canary.ProjectId}'")})
        WHERE missing > 0
        SETTINGS max_threads = 2
        """;

    /// <summary>A project's minutes within the last <see cref="Length"/> before <paramref name="to"/>; those with nothing in them are left out.</summary>
    internal Task<List<LedgerMinute>> OfProjectAsync(Caller caller, DateTime to, DateTime? settledBefore, CancellationToken cancellationToken) =>
        warehouse.ReadAsync(
            OfProject, QueryValues.Project(caller.ProjectId, caller.Environment, to - Length, to).With("settled", Unix(settledBefore)), Minutes,
            static row => new LedgerMinute(
                DateTime.UnixEpoch.AddSeconds(row.Number(0)), row.Number(1), row.Number(2), row.Number(3), row.Number(4), row.Number(5), row.Number(6),
                row.Number(7), row.Number(8)),
            cancellationToken);

    /// <summary>What all projects miss within the last <see cref="Length"/> before <paramref name="to"/>.</summary>
    internal async Task<MissingEvents> OfAllAsync(DateTime to, DateTime settledBefore, CancellationToken cancellationToken)
    {
        var parameters = new ClickHouseParameterCollection()
            .With("from", Unix(to - Length)).With("to", Unix(to)).With("settled", Unix(settledBefore));
        var sums = await warehouse.ReadAsync(
            OfAll, parameters, 1, static row => (Events: row.Number(0), Projects: row.Number(1), First: row.Number(2)), cancellationToken, OfAllDeadline);
        return sums is [{ Events: > 0 } sum] ? new(sum.Events, sum.Projects, DateTime.UnixEpoch.AddSeconds(sum.First)) : new(0, 0, null);
    }

    private static long Unix(DateTime? time) => time is { } at ? new DateTimeOffset(at).ToUnixTimeSeconds() : 0;
}
