using ClickHouse.Driver.ADO.Parameters;
using Microsoft.Extensions.Options;
using SegOps.Warehouse;

namespace SegOps.Monitoring.Rollups;

/// <summary>A project and environment whose event types of a day may be too many.</summary>
/// <param name="Project">Its project.</param>
/// <param name="Environment">Its environment.</param>
internal sealed record CrowdedProject(string Project, string Environment);

/// <summary>
/// Counts receipts of projects with very many event types. The accounts name the first <see cref="RollupOptions.MaxEventTypes"/> types of a project and
/// day, and count the others as <see cref="Other"/>. Which types are named is written down before they are counted, so that counting a slice again gives
/// the same. Events keep their types.
/// </summary>
internal sealed class CrowdedProjects(AccountChanges changes, IOptions<RollupOptions> options)
{
    /// <summary>The name of all further types together.</summary>
    internal const string Other = "(other)";

    /// <summary>Leaves out the projects of the parameters of <see cref="Names"/>.</summary>
    internal const string NotCrowded = "(project_id, environment) NOT IN (SELECT arrayJoin(arrayZip({projects:Array(String)}, {environments:Array(String)})))";

    /// <summary>
    /// Others name fewer than half of the types, and receive fewer than half in the slices. So they cannot pass the limit, and are counted at once.
    /// </summary>
    private const string Named = $$"""
        SELECT DISTINCT project_id, environment
        FROM
        (
            SELECT project_id, environment
            FROM account_types
            WHERE day IN (SELECT toDate(arrayJoin([{{AccountSource.Slices}}])))
            GROUP BY day, project_id, environment
            HAVING uniq(event_type) >= {half:UInt64}
        )
        """;

    private const string Received = $$"""
        SELECT DISTINCT project_id, environment
        FROM
        (
            SELECT project_id, environment
            FROM receipts
            WHERE slice IN ({{AccountSource.Slices}})
            GROUP BY toDate(slice), project_id, environment
            HAVING uniq(event_type) > {half:UInt64}
            SETTINGS max_threads = 1
        )
        """;

    private const string KnownTypes = $$"""
        SELECT day, event_type FROM account_types WHERE {{QueryValues.OfProject}} AND day IN (SELECT toDate(arrayJoin([{{AccountSource.Slices}}])))
        """;

    /// <summary>Names further types, in the order of their first receipts, up to the limit of their day.</summary>
    private const string Name = $$"""
        INSERT INTO account_types (day, project_id, environment, event_type)
        SELECT day, {project:String}, {environment:String}, event_type
        FROM
        (
            SELECT day, event_type, row_number() OVER (PARTITION BY day ORDER BY first, event_type) AS place
            FROM
            (
                SELECT toDate(slice) AS day, event_type, min(received_at) AS first
                FROM receipts
                WHERE slice IN ({{AccountSource.Slices}}) AND {{QueryValues.OfProject}} AND (toDate(slice), event_type) NOT IN ({{KnownTypes}})
                GROUP BY day, event_type
                ORDER BY first, event_type
                LIMIT {limit:UInt64} BY day
            )
        ) AS found
        LEFT JOIN (SELECT day, uniqExact(event_type) AS named FROM ({{KnownTypes}}) GROUP BY day) AS known USING (day)
        WHERE place + named <= {limit:UInt64}
        SETTINGS max_threads = 1, max_bytes_before_external_group_by = 300000000, max_bytes_before_external_sort = 300000000
        """;

    private static readonly string Count = AccountSource.Insert(["receipts"], "name", "slice", $$"""
        SELECT project_id, environment, slice, if((toDate(slice), event_type) IN ({{KnownTypes}}), event_type, '{{Other}}') AS name, count() AS receipts
        FROM receipts FINAL
        WHERE slice IN ({{AccountSource.Slices}}) AND {{QueryValues.OfProject}}
        GROUP BY project_id, environment, slice, name
        SETTINGS do_not_merge_across_partitions_select_final = 1
        """);

    /// <summary>Finds the crowded projects of slices with so many <paramref name="rows"/>.</summary>
    internal async Task<IReadOnlyList<CrowdedProject>> FindAsync(IReadOnlyCollection<long> slices, long rows, CancellationToken cancellationToken)
    {
        var half = (ulong)Math.Max(1, options.Value.MaxEventTypes / 2);
        List<CrowdedProject> found = await ReadAsync(Named);
        if (rows > (long)half)
            found.AddRange(await ReadAsync(Received));
        return [.. found.Distinct()];

        Task<List<CrowdedProject>> ReadAsync(string sql) => changes.ReadAsync(
            AccountSource.With(sql, slices), new ClickHouseParameterCollection().With("half", half),
            static row => new CrowdedProject(row.GetString(0), row.GetString(1)), cancellationToken);
    }

    /// <summary>The parameters of <see cref="NotCrowded"/>.</summary>
    internal static ClickHouseParameterCollection Names(IReadOnlyList<CrowdedProject> crowded) => new ClickHouseParameterCollection()
        .With("projects", crowded.Select(each => each.Project).ToArray())
        .With("environments", crowded.Select(each => each.Environment).ToArray());

    /// <summary>Counts slices of a project into <c>accounts</c>.</summary>
    internal async Task CountAsync(CrowdedProject crowded, IReadOnlyCollection<long> slices, CancellationToken cancellationToken)
    {
        await changes.RunAsync(
            AccountSource.With(Name, slices),
            QueryValues.Project(crowded.Project, crowded.Environment).With("limit", (ulong)options.Value.MaxEventTypes), cancellationToken);
        await changes.RunAsync(AccountSource.With(Count, slices), QueryValues.Project(crowded.Project, crowded.Environment), cancellationToken);
    }
}
