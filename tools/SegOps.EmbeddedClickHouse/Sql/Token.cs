namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>The kind of a token, only as detailed as needed to find an INSERT's data.</summary>
internal enum TokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A keyword, a bare identifier or a number.</summary>
    Word,

    /// <summary>A back-quoted or double-quoted identifier.</summary>
    QuotedIdentifier,

    /// <summary>A string literal or a heredoc.</summary>
    Literal,

    /// <summary>One of <c>( [ {</c>.</summary>
    Open,

    /// <summary>One of <c>) ] }</c>.</summary>
    Close,

    /// <summary>The end of a statement.</summary>
    Semicolon,

    /// <summary>Any other single character.</summary>
    Symbol,
}

/// <summary>A token and its position in bytes.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End);
