namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>An INSERT whose data follow its text.</summary>
/// <param name="Sql">The statement without its FORMAT clause, as the engine's insert streams take it.</param>
/// <param name="Format">The data's format.</param>
/// <param name="DataStart">Where in the text the data begin.</param>
/// <param name="Input">Set when the rows pass through <c>SELECT ... FROM input('...')</c> first.</param>
internal sealed record InsertStatement(byte[] Sql, string Format, int DataStart, InputFunction? Input);

/// <summary>The place of <c>input('structure')</c> in <see cref="InsertStatement.Sql"/>, which insert streams do not know.</summary>
/// <param name="Start">Where the call begins.</param>
/// <param name="Arguments">Where its arguments begin, behind the parenthesis.</param>
/// <param name="End">Where the call is over, behind the closing parenthesis.</param>
internal sealed record InputFunction(int Start, int Arguments, int End);
