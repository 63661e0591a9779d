using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>Checks whether tables contain rows and would accept them.</summary>
internal sealed class RowStore(WarehouseQueries warehouse, ClickHouseInserter inserter)
{
    private readonly HashSet<string> _prepared = [];

    /// <summary>Returns the ids of the stored ones of <paramref name="rows"/>, all of one project and environment.</summary>
    public async Task<HashSet<Guid>> StoredAsync(StreamTarget target, IReadOnlyCollection<ReplayRow> rows, CancellationToken stop)
    {
        if (rows.Count == 0)
            return [];
        var stored = await warehouse.ReadAsync(
            $$"""
            SELECT DISTINCT {{target.IdColumn}} FROM {{target.Table}}
            WHERE {{(target.IsOfProjects ? QueryValues.OfProject : "1")}} AND {{target.IdColumn}} IN {{QueryValues.List(rows.Select(row => row.Id))}}
            """,
            QueryValues.Project(rows.First().Project, rows.First().Environment),
            row => row.GetGuid(0), stop);
        return [.. stored];
    }

    /// <summary>
    /// Returns the rows that the table would refuse, with the reasons. Inserts the rows, as the service does, into a table with the same columns
    /// and constraints that stores nothing.
    /// </summary>
    public async Task<Dictionary<ReplayRow, Fault>> RefusedAsync(StreamTarget target, IReadOnlyList<ReplayRow> rows, CancellationToken stop)
    {
        var table = "replay_check_" + target.Table;
        if (_prepared.Add(table))
            await warehouse.ExecuteAsync($"CREATE OR REPLACE TABLE {table} AS {target.Table} ENGINE = Null", stop);

        Dictionary<ReplayRow, Fault> refused = [];
        var bisection = new Bisection<ReplayRow>(
            batch => CheckAsync(table, target, batch.ToArray(), stop),
            (row, fault) =>
            {
                refused.Add(row, fault);
                return Task.CompletedTask;
            });
        if (rows.Count > 0)
            await bisection.StoreAsync(rows.ToArray());
        return refused;
    }

    private async Task<Fault?> CheckAsync(string table, StreamTarget target, ReplayRow[] rows, CancellationToken stop)
    {
        var body = new InsertBody([.. rows.Select(row => row.Bytes)], encoding: null);
        try
        {
            await warehouse.AttemptAsync(attempt => inserter.InsertAsync(table, target.Columns, body, attempt), stop);
            return null;
        }
        catch (ClickHouseException refusal) when (InsertFailures.Classify(refusal) is not InsertFailure.Transient)
        {
            return new Fault($"{Letter.RowCodePrefix}{refusal.Code}", refusal.Message);
        }
    }
}
