namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>An INSERT with data after its text.</summary>
/// <param name="Sql">The statement without its FORMAT clause, as the engine's insert streams expect it.</param>
/// <param name="Format">The data's format.</param>
/// <param name="DataStart">Position of the data in the text.</param>
/// <param name="Input">Set if the rows pass through <c>SELECT ... FROM input('...')</c>.</param>
internal sealed record InsertStatement(byte[] Sql, string Format, int DataStart, InputFunction? Input);

/// <summary>The position of <c>input('structure')</c> in <see cref="InsertStatement.Sql"/>. Insert streams do not support it.</summary>
/// <param name="Start">Start of the call.</param>
/// <param name="Arguments">Start of the arguments, after the parenthesis.</param>
/// <param name="End">End of the call, after the closing parenthesis.</param>
internal sealed record InputFunction(int Start, int Arguments, int End);
