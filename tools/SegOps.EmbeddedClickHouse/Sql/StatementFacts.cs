using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>What the front must know of a statement that has no data of its own.</summary>
/// <param name="FirstWord">The first keyword in capitals, or the first character; empty for an empty statement.</param>
/// <param name="Format">The FORMAT clause's name, null without one.</param>
/// <param name="IsInsert">The rows go into a table and not to the client.</param>
internal sealed record StatementFacts(string FirstWord, string? Format, bool IsInsert)
{
    /// <summary>A SELECT in any of its forms: the only kind that the engine can stream.</summary>
    public bool IsSelect => FirstWord is "SELECT" or "WITH" or "FROM" or "(" && !IsInsert;

    /// <summary>Reads a statement.</summary>
    /// <exception cref="EngineException">clickhouse-server refuses such a statement over HTTP.</exception>
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

            // A column may be called format: only one that nothing but SETTINGS follows is the clause.
            settings |= format is not null && tokens.Is(token, "SETTINGS");
            if (tokens.Is(previous, "FORMAT") && token.Kind is TokenKind.Word or TokenKind.QuotedIdentifier)
                format = tokens.Name(token);
            else if (!settings && !ended)
                format = null;
        }

        return new(firstWord, format, insert);
    }

    /// <summary>
    /// In <c>KILL QUERY WHERE query_id = ...</c> means the id that clients know, which the engine keeps as the setting log_comment: the ids
    /// of the engine's own making never leave it.
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
