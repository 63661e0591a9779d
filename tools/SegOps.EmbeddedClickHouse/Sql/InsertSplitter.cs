using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>Splits an INSERT from its data by the rules of src/Parsers/ParserInsertQuery.cpp.</summary>
internal ref struct InsertSplitter
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly bool _settingsAfterFormat;
    private Tokenizer _tokens;
    private bool _isSelect;
    private InputFunction? _input;

    private InsertSplitter(ReadOnlySpan<byte> text, bool settingsAfterFormat)
    {
        _text = text;
        _settingsAfterFormat = settingsAfterFormat;
        _tokens = new Tokenizer(text);
    }

    /// <summary>Splits a text that may be an INSERT with data.</summary>
    /// <param name="text">The statement, and the data or their start.</param>
    /// <param name="settingsAfterFormat">The setting allow_settings_after_format_in_insert, off as in clickhouse-server.</param>
    /// <returns>Null if the text is not an INSERT with data.</returns>
    /// <exception cref="EngineException">clickhouse-server refuses such a statement.</exception>
    public static InsertStatement? Split(ReadOnlySpan<byte> text, bool settingsAfterFormat = false) =>
        new InsertSplitter(text, settingsAfterFormat).Split();

    private InsertStatement? Split()
    {
        if (!_tokens.Is(_tokens.Next(), "INSERT"))
            return null;

        SkipTarget();
        var depth = 0;
        var previous = default(Token);
        for (var token = _tokens.Next(); token.Kind is not TokenKind.End; previous = token, token = _tokens.Next())
        {
            if (token.Kind is TokenKind.Open)
                depth++;
            else if (token.Kind is TokenKind.Close)
                depth--;
            else if (token.Kind is TokenKind.Semicolon && depth == 0)
                return null;
            else if (token.Kind is not TokenKind.Word)
                continue;
            else if (_tokens.Is(token, "SELECT") || _tokens.Is(token, "WITH"))
                _isSelect |= depth == 0 || (depth == 1 && _tokens.Is(previous, '('));
            else if (_isSelect && _input is null && _tokens.Is(token, "INPUT"))
                NoteInput(token);
            else if (depth == 0 && Data(token) is { } insert)
                return insert;
        }

        return null;
    }

    /// <summary>Skips [INTO] [TABLE] [FUNCTION] and the name, which may be <c>format</c> or <c>values</c>.</summary>
    private void SkipTarget()
    {
        var token = _tokens.Next();
        if (_tokens.Is(token, "INTO"))
            token = _tokens.Next();
        if (_tokens.Is(token, "TABLE"))
            token = _tokens.Next();
        if (_tokens.Is(token, "FUNCTION"))
            token = _tokens.Next();
        if (token.Kind is TokenKind.Open)
            SkipGroup();

        for (token = _tokens.Next(); _tokens.Is(token, '.'); token = _tokens.Next())
        {
            if (_tokens.Next().Kind is TokenKind.Open)
                SkipGroup();
        }

        _tokens.Rewind(token);
    }

    private InsertStatement? Data(Token token)
    {
        if (_tokens.Is(token, "VALUES") && !_isSelect)
            return Values(token);
        if (_tokens.Is(token, "FORMAT") && (!_isSelect || _input is not null))
            return Format(token);
        if (_tokens.Is(token, "FROM") && !_isSelect && _tokens.Is(_tokens.Next(), "INFILE"))
            throw new EngineException(ErrorCode.UnknownTypeOfQuery, "UNKNOWN_TYPE_OF_QUERY", "Query has infile and was send directly to server");
        return null;
    }

    private InsertStatement Values(Token keyword)
    {
        var settings = Settings();
        var next = _tokens.Next();
        var start = next.Kind is TokenKind.Semicolon ? _text.Length : next.Start;
        return new(Sql(keyword, settings), "Values", start, null);
    }

    private InsertStatement? Format(Token keyword)
    {
        var name = _tokens.Next();
        if (name.Kind is not (TokenKind.Word or TokenKind.QuotedIdentifier))
        {
            _tokens.Rewind(name);
            return null;
        }

        var settings = Settings();
        var start = settings.End > 0 ? settings.End : name.End;
        if (start < _text.Length && _text[start] == ';')
            throw new EngineException(ErrorCode.SyntaxError, "SYNTAX_ERROR", "You have excessive ';' symbol before data for INSERT.");

        // "Data starts after the first newline, if there is one, or after all the whitespace characters, otherwise."
        while (start < _text.Length && _text[start] is (byte)' ' or (byte)'\t' or (byte)'\f')
            start++;
        if (start < _text.Length && _text[start] == '\r')
            start++;
        if (start < _text.Length && _text[start] == '\n')
            start++;
        return new(Sql(keyword, settings), _tokens.Name(name), start, _input);
    }

    /// <summary>Reads SETTINGS between FORMAT or VALUES and the data. They count as data unless the setting allows them.</summary>
    private Token Settings()
    {
        var keyword = _tokens.Next();
        if (!_settingsAfterFormat || !_tokens.Is(keyword, "SETTINGS"))
        {
            _tokens.Rewind(keyword);
            return default;
        }

        Token last;
        do
        {
            _tokens.Next();
            _tokens.Next();
            last = _tokens.Next();
            if (_tokens.Is(last, '-') || _tokens.Is(last, '+'))
                last = _tokens.Next();
            if (last.Kind is TokenKind.Open)
                last = SkipGroup();
        }
        while (_tokens.Is(Peek(), ',') && _tokens.Next().End > 0);

        return new(TokenKind.Word, keyword.Start, last.End);
    }

    private readonly byte[] Sql(Token keyword, Token settings) =>
        settings.End == 0 ? [.. _text[..keyword.Start]] : [.. _text[..keyword.Start], .. _text[settings.Start..settings.End]];

    private void NoteInput(Token name)
    {
        var open = _tokens.Next();
        if (!_tokens.Is(open, '('))
            _tokens.Rewind(open);
        else
            _input = new(name.Start, open.End, SkipGroup().End);
    }

    private Token Peek()
    {
        var token = _tokens.Next();
        _tokens.Rewind(token);
        return token;
    }

    /// <summary>Skips to the end of the group whose opening parenthesis was read.</summary>
    private Token SkipGroup()
    {
        for (var depth = 1; ;)
        {
            var token = _tokens.Next();
            depth += token.Kind switch { TokenKind.Open => 1, TokenKind.Close => -1, _ => 0 };
            if (depth == 0 || token.Kind is TokenKind.End)
                return token;
        }
    }
}
