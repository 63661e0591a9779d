using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>Properties of a statement without data.</summary>
/// <param name="FirstWord">The first keyword in capitals, or the first character. Empty for an empty statement.</param>
/// <param name="Format">The name in the FORMAT clause, if there is one.</param>
/// <param name="IsInsert">Whether the rows go into a table.</param>
internal sealed record StatementFacts(string FirstWord, string? Format, bool IsInsert)
{
    /// <summary>Whether the statement is a SELECT in any form. Only a SELECT can be streamed.</summary>
    public bool IsSelect => FirstWord is "SELECT" or "WITH" or "FROM" or "(" && !IsInsert;

    /// <summary>Reads a statement.</summary>
    /// <exception cref="EngineException">clickhouse-server refuses the statement over HTTP.</exception>
    public static StatementFacts Read(ReadOnlySpan<byte> sql)
    {
        var tokens = new Tokenizer(sql);
        string firstWord = "";
        string? format = null;
        bool insert = false, ended = false, settings = false;
        var depth = 0;
        var previous = default(Token);
        for (var token = tokens.Next(); token.Kind is not TokenKind.End; previous = token, token = tokens.Next())
        {
            if (ended && token.Kind is not TokenKind.Semicolon)
                throw new EngineException(ErrorCode.SyntaxError, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)");
            if (previous.End == 0)
                firstWord = tokens.Name(token).ToUpperInvariant();

            depth += token.Kind switch { TokenKind.Open => 1, TokenKind.Close => -1, _ => 0 };
            if (depth != 0)
                continue;

            ended |= token.Kind is TokenKind.Semicolon;
            insert |= tokens.Is(token, "INSERT") && firstWord is "INSERT" or "WITH";
            if (tokens.Is(previous, "INTO") && tokens.Is(token, "OUTFILE"))
                throw new EngineException(ErrorCode.IntoOutfileNotAllowed, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed");

            // FORMAT is the clause only if nothing but SETTINGS follows. Otherwise it may be the name of a column.
            settings |= format is not null && tokens.Is(token, "SETTINGS");
            if (tokens.Is(previous, "FORMAT") && token.Kind is TokenKind.Word or TokenKind.QuotedIdentifier)
                format = tokens.Name(token);
            else if (!settings && !ended)
                format = null;
        }

        return new(firstWord, format, insert);
    }

    /// <summary>
    /// Replaces query_id in a KILL QUERY by the setting log_comment, which holds the client's id of a query. Clients do not know the engine's own
    /// ids.
    /// </summary>
    public static byte[] WithClientQueryIds(ReadOnlySpan<byte> kill)
    {
        var tokens = new Tokenizer(kill);
        List<byte> sql = [];
        var copied = 0;
        for (var token = tokens.Next(); token.Kind is not TokenKind.End; token = tokens.Next())
        {
            if (token.Kind is not (TokenKind.Word or TokenKind.QuotedIdentifier) || tokens.Name(token) != "query_id")
                continue;

            sql.AddRange(kill[copied..token.Start]);
            sql.AddRange("Settings['log_comment']"u8);
            copied = token.End;
        }

        sql.AddRange(kill[copied..]);
        return [.. sql];
    }
}
