using ClickHouse.Driver.ADO.Parameters;

namespace SegOps.Segments.Evaluation;

/// <summary>A statement for ClickHouse.</summary>
/// <param name="Sql">Its text.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record Statement(string Sql, ClickHouseParameterCollection Parameters);
