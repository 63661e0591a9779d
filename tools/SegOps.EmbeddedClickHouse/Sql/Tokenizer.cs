using System.Text;

namespace SegOps.EmbeddedClickHouse.Sql;

/// <summary>
/// Splits ClickHouse SQL into tokens. Follows src/Parsers/Lexer.cpp for strings, quoted identifiers, heredocs and comments, which may contain
/// keywords. Works on bytes, because the data of an INSERT may be binary.
/// </summary>
internal ref struct Tokenizer(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _position;

    /// <summary>Returns the next token. Skips white space and comments. An unclosed quote extends to the end of the text.</summary>
    public Token Next()
    {
        SkipBlank();
        var start = _position;
        if (start >= _text.Length)
            return new(TokenKind.End, _text.Length, _text.Length);

        var first = _text[start];
        var kind = first switch
        {
            (byte)'\'' => Quoted(TokenKind.Literal, first),
            (byte)'`' or (byte)'"' => Quoted(TokenKind.QuotedIdentifier, first),
            (byte)'$' when Heredoc() => TokenKind.Literal,
            (byte)'(' or (byte)'[' or (byte)'{' => Single(TokenKind.Open),
            (byte)')' or (byte)']' or (byte)'}' => Single(TokenKind.Close),
            (byte)';' => Single(TokenKind.Semicolon),
            _ when IsWord(first) => Word(),
            _ => Single(TokenKind.Symbol),
        };
        return new(kind, start, _position);
    }

    /// <summary>Returns to the start of <paramref name="token"/>.</summary>
    public void Rewind(Token token) => _position = token.Start;

    /// <summary>Whether a token is this keyword, ignoring case.</summary>
    public readonly bool Is(Token token, string keyword) =>
        token.Kind == TokenKind.Word && Ascii.EqualsIgnoreCase(_text[token.Start..token.End], keyword);

    /// <summary>Whether a token is this character.</summary>
    public readonly bool Is(Token token, char symbol) => token.End - token.Start == 1 && _text[token.Start] == symbol;

    /// <summary>Returns the name of a bare or quoted identifier.</summary>
    public readonly string Name(Token token)
    {
        var text = Encoding.UTF8.GetString(_text[token.Start..token.End]);
        return token.Kind == TokenKind.QuotedIdentifier ? text[1..^1] : text;
    }

    private TokenKind Single(TokenKind kind)
    {
        _position++;
        return kind;
    }

    private TokenKind Word()
    {
        while (_position < _text.Length && IsWord(_text[_position]))
            _position++;
        return TokenKind.Word;
    }

    private TokenKind Quoted(TokenKind kind, byte quote)
    {
        for (_position++; _position < _text.Length; _position++)
        {
            if (_text[_position] == '\\')
                _position++;
            else if (_text[_position] == quote)
            {
                if (_position + 1 >= _text.Length || _text[_position + 1] != quote)
                {
                    _position++;
                    return kind;
                }

                _position++;
            }
        }

        _position = _text.Length;
        return kind;
    }

    private bool Heredoc()
    {
        var rest = _text[_position..];
        var name = rest[1..].IndexOf((byte)'$');
        if (name < 0)
            return false;

        var tag = rest[..(name + 2)];
        var end = rest[tag.Length..].IndexOf(tag);
        if (end < 0)
            return false;

        _position += 2 * tag.Length + end;
        return true;
    }

    private void SkipBlank()
    {
        while (_position < _text.Length)
        {
            var rest = _text[_position..];
            if (rest[0] is (byte)' ' or (>= 9 and <= 13))
                _position++;
            else if (rest.StartsWith("--"u8) || rest.StartsWith("//"u8) || rest.StartsWith("# "u8) || rest.StartsWith("#!"u8))
                _position = rest.IndexOf((byte)'\n') is >= 0 and var end ? _position + end : _text.Length;
            else if (rest.StartsWith("/*"u8))
                SkipComment();
            else
                return;
        }
    }

    private void SkipComment()
    {
        var depth = 0;
        while (_position + 1 < _text.Length)
        {
            var pair = _text.Slice(_position, 2);
            if (pair.SequenceEqual("/*"u8))
                depth++;
            else if (pair.SequenceEqual("*/"u8))
                depth--;
            else
            {
                _position++;
                continue;
            }

            _position += 2;
            if (depth == 0)
                return;
        }

        _position = _text.Length;
    }

    private static bool IsWord(byte character) => char.IsAsciiLetterOrDigit((char)character) || character is (byte)'_' or (byte)'$';
}
