using System.Text;
using CsCheck;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Sql;

namespace SegOps.Tests.Unit.EmbeddedClickHouse;

public sealed class InsertSplitterTests
{
    private static readonly Gen<string> GenBlank = Pick(" ", "\n", "\t", " /* FORMAT x ' */ ", " -- VALUES (1)\n", " // SELECT '\n", " # FORMAT\n", "/* a /* nested */ b */");
    private static readonly Gen<string> GenName = Pick("t", "db.t", "`format`", "`a``b\\`c`", "\"values\"", "`x`.`FORMAT CSV`", "format", "values", "{table:Identifier}");
    private static readonly Gen<string> GenColumns = Pick("", "(a, b)", "(`format`, `select`)", "(* EXCEPT(a))", "(`)` , \"(\")");
    private static readonly Gen<string> GenSettings = Pick("", "SETTINGS async_insert=1", "SETTINGS a='FORMAT x', b=-1", "SETTINGS s='it''s \\' FORMAT CSV'");
    private static readonly Gen<string> GenFormat = Pick("CSV", "RowBinary", "JSONEachRow", "Native");

    [Fact]
    public void Split_AnySpellingAndAnyBytes_FindsFormatAndDataExactly() =>
        Gen.Select(GenBlank, GenName, GenColumns, GenSettings, GenFormat, Gen.Byte.Array[0, 40], Pick("\n", "\r\n", " \n", "\t\f \r\n"))
            .Sample((blank, name, columns, settings, format, data, newline) =>
            {
                var clause = $"INSERT{blank}INTO{blank}{name}{blank}{columns}{blank}{settings}{blank}";
                byte[] text = [.. Encoding.UTF8.GetBytes($"{blank}{clause}FORMAT{blank}{format}{newline}"), .. data];

                var insert = InsertSplitter.Split(text);

                Assert.NotNull(insert);
                Assert.Equal(blank + clause, Encoding.UTF8.GetString(insert.Sql));
                Assert.Equal(format, insert.Format);
                Assert.Equal(data, text[insert.DataStart..]);
            });

    [Fact]
    public void Split_ArbitraryBytes_NeverThrowsAnythingButClickHouseErrors() => Gen.Byte.Array[0, 80].Sample(bytes =>
    {
        foreach (var text in (byte[][])[bytes, [.. "INSERT INTO t "u8, .. bytes], [.. "INSERT INTO t FORMAT "u8, .. bytes]])
        {
            try
            {
                var insert = InsertSplitter.Split(text, settingsAfterFormat: true);
                Assert.True(insert is null || (insert.DataStart >= 0 && insert.DataStart <= text.Length));
            }
            catch (EngineException exception)
            {
                Assert.NotEqual(ErrorCode.UnknownException, exception.Code);
            }
        }
    });

    [Theory]
    [InlineData("INSERT INTO t VALUES (1,'a')", "INSERT INTO t ", "Values", "(1,'a')")]
    [InlineData("insert into t(a) values(1)", "insert into t(a) ", "Values", "(1)")]
    [InlineData("INSERT INTO t VALUES /* c */ (1); ", "INSERT INTO t ", "Values", "(1); ")]
    [InlineData("INSERT INTO t VALUES;", "INSERT INTO t ", "Values", "")]
    [InlineData("INSERT INTO values VALUES (1)", "INSERT INTO values ", "Values", "(1)")]
    [InlineData("INSERT INTO t FORMAT CSV 1,2", "INSERT INTO t ", "CSV", "1,2")]
    [InlineData("INSERT INTO t FORMAT CSV\n\n1", "INSERT INTO t ", "CSV", "\n1")]
    [InlineData("INSERT INTO t FORMAT CSV", "INSERT INTO t ", "CSV", "")]
    [InlineData("INSERT t FORMAT CSV\n1", "INSERT t ", "CSV", "1")]
    [InlineData("INSERT INTO TABLE t FORMAT CSV\n1", "INSERT INTO TABLE t ", "CSV", "1")]
    [InlineData("INSERT INTO FUNCTION file('a FORMAT b', CSV) PARTITION BY x FORMAT TSV\n1", "INSERT INTO FUNCTION file('a FORMAT b', CSV) PARTITION BY x ", "TSV", "1")]
    [InlineData("INSERT INTO t FORMAT CSV SETTINGS a=1\n2", "INSERT INTO t ", "CSV", "SETTINGS a=1\n2")]
    [InlineData("INSERT INTO t FORMAT JSONEachRow{\"a\":1}", "INSERT INTO t ", "JSONEachRow", "{\"a\":1}")]
    public void Split_InsertWithData_SplitsAsTheServer(string text, string sql, string format, string data)
    {
        var insert = InsertSplitter.Split(Encoding.UTF8.GetBytes(text));

        Assert.NotNull(insert);
        Assert.Equal((sql, format, data), (Encoding.UTF8.GetString(insert.Sql), insert.Format, text[insert.DataStart..]));
    }

    [Theory]
    [InlineData("INSERT INTO t FORMAT CSV SETTINGS a=1, b='x', c=-2\n3", "INSERT INTO t SETTINGS a=1, b='x', c=-2", "3")]
    [InlineData("INSERT INTO t FORMAT CSV SETTINGS a={'k':1} 3", "INSERT INTO t SETTINGS a={'k':1}", "3")]
    [InlineData("INSERT INTO t VALUES SETTINGS a=1 (3)", "INSERT INTO t SETTINGS a=1", "(3)")]
    public void Split_SettingsAfterFormatAllowed_BelongToTheStatement(string text, string sql, string data)
    {
        var insert = InsertSplitter.Split(Encoding.UTF8.GetBytes(text), settingsAfterFormat: true);

        Assert.NotNull(insert);
        Assert.Equal((sql, data), (Encoding.UTF8.GetString(insert.Sql), text[insert.DataStart..]));
    }

    [Theory]
    [InlineData("SELECT 'INSERT INTO t VALUES (1)'")]
    [InlineData("INSERT INTO t SELECT 1")]
    [InlineData("INSERT INTO t SELECT 1 FORMAT Null")]
    [InlineData("INSERT INTO t SELECT * FROM values('a UInt8', 1)")]
    [InlineData("INSERT INTO t (SELECT 1)")]
    [InlineData("INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x")]
    [InlineData("INSERT INTO t")]
    [InlineData("EXPLAIN INSERT INTO t SELECT 1")]
    [InlineData("")]
    public void Split_NoDataOfItsOwn_IsNull(string text) => Assert.Null(InsertSplitter.Split(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("INSERT INTO t SELECT a + 1 FROM input('a UInt8, b String') WHERE b != ')' FORMAT CSV\n1,x")]
    [InlineData("INSERT INTO t SELECT a FROM (SELECT * FROM input('a UInt8')) FORMAT CSV\n1,x")]
    public void Split_RowsThroughInput_FindsTheCall(string text)
    {
        var insert = InsertSplitter.Split(Encoding.UTF8.GetBytes(text));

        Assert.NotNull(insert?.Input);
        var call = Encoding.UTF8.GetString(insert.Sql)[insert.Input.Start..insert.Input.End];
        Assert.StartsWith("input('a UInt8", call, StringComparison.Ordinal);
        Assert.EndsWith("')", call, StringComparison.Ordinal);
        Assert.Equal("1,x", text[insert.DataStart..]);
    }

    [Theory]
    [InlineData("INSERT INTO t FORMAT CSV;1", ErrorCode.SyntaxError)]
    [InlineData("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", ErrorCode.UnknownTypeOfQuery)]
    public void Split_WhatTheServerRefuses_IsRefused(string text, int code) =>
        Assert.Equal(code, Assert.Throws<EngineException>(() => InsertSplitter.Split(Encoding.UTF8.GetBytes(text))).Code);

    private static Gen<string> Pick(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);
}
