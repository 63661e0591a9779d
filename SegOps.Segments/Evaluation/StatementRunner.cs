using System.Text;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults.Configuration;
using SegOps.Warehouse;

namespace SegOps.Segments.Evaluation;

/// <summary>Runs statements of rules, within the limits of <see cref="EvaluationOptions"/>.</summary>
internal sealed class StatementRunner(WarehouseReader warehouse, IOptions<EvaluationOptions> options)
{
    /// <summary>ClickHouse's default of max_query_size in bytes.</summary>
    private const int DefaultQuerySize = 262_144;

    /// <summary>Runs a statement and reads all its rows, if any.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="maxRows">The maximum rows; ClickHouse refuses a statement with more.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <param name="deadline">Replaces <see cref="WarehouseOptions.Deadline"/>.</param>
    /// <exception cref="WarehouseUnavailableException">ClickHouse cannot be reached, is too slow, or the statement needs too much.</exception>
    internal Task<List<T>> ReadAsync<T>(
        Statement statement, int maxRows, Func<ClickHouseDataReader, T> read, CancellationToken cancellationToken, TimeSpan? deadline = null) =>
        warehouse.ReadAsync(statement.Sql, statement.Parameters, maxRows, read, cancellationToken, deadline, SettingsOf(statement.Sql));

    /// <summary>
    /// The settings of a statement. A rule with 50 conditions of 1,000 values each is longer than ClickHouse's parser takes by default. The embedded
    /// ClickHouse reserves memory for the longest statement that it may get, so only long ones say how long they are.
    /// </summary>
    private Dictionary<string, object> SettingsOf(string sql) => new()
    {
        ["max_threads"] = options.Value.MaxThreads,
        ["max_memory_usage"] = options.Value.MaxMemoryBytes,
        ["max_bytes_before_external_group_by"] = options.Value.MaxMemoryBytes / 2,
        ["max_ast_elements"] = 2_000_000,
        ["max_expanded_ast_elements"] = 4_000_000,
        ["max_query_size"] = Math.Max(DefaultQuerySize, Encoding.UTF8.GetByteCount(sql) + 1),
    };
}

/// <summary>Adds the evaluation of rules.</summary>
internal static class EvaluationExtensions
{
    /// <summary>Adds <see cref="StatementRunner"/> and its options. The service adds ClickHouse.</summary>
    internal static IServiceCollection AddEvaluation(this IServiceCollection services)
    {
        services.AddValidatedOptions<EvaluationOptions>(EvaluationOptions.Section);
        return services.AddSingleton<StatementRunner>();
    }
}
