using ClickHouse.Driver.ADO.Parameters;

namespace SegOps.Segments.Evaluation;

/// <summary>A statement for ClickHouse.</summary>
/// <param name="Sql">Its text. It can be long, so it needs <see cref="SettingsOf"/>.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record Statement(string Sql, ClickHouseParameterCollection Parameters)
{
    /// <summary>ClickHouse's default of max_query_size in bytes.</summary>
    private const int DefaultQuerySize = 262_144;

    /// <summary>What a statement of a rule may use. Sets that do not fit into half of the memory go to the disk.</summary>
    internal static readonly IReadOnlyDictionary<string, object> Settings = new Dictionary<string, object>
    {
        ["max_threads"] = 2,
        ["max_memory_usage"] = 1L << 30,
        ["max_bytes_before_external_group_by"] = 1L << 29,
        ["max_ast_elements"] = 2_000_000,
        ["max_expanded_ast_elements"] = 4_000_000,
    };

    /// <summary>
    /// The settings of a statement, which has only ASCII characters. A rule with 50 conditions of 1,000 values each is longer than ClickHouse's parser takes by
    /// default.
    /// </summary>
    internal static Dictionary<string, object> SettingsOf(string sql) => new(Settings) { ["max_query_size"] = Math.Max(DefaultQuerySize, sql.Length + 1) };
}
