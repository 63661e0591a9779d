namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>A token's kind, as coarse as finding an INSERT's data needs it.</summary>
internal enum TokenKind
{
    /// <summary>The text is over.</summary>
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

/// <summary>A token's place in the text, in bytes.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End);
