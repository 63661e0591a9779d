using System.Text.Json;
using SegOps.Segments.Api;

namespace SegOps.Tests.Unit.Segments;

public sealed class CsvRowTests
{
    [Theory]
    [InlineData("user-1", "user-1")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData("=\"a\",1", "\"'=\"\"a\"\",1\"")]
    public void Cell_OfAText_IsQuotedAndNoFormula(string text, string cell) => Assert.Equal(cell, CsvRow.Cell(text));

    [Theory]
    [InlineData("\"=1+1\"", "'=1+1")]
    [InlineData("-5.50", "-5.50")]
    [InlineData("true", "true")]
    [InlineData("null", "")]
    [InlineData("[1]", "[1]")]
    [InlineData("{\"a\":1}", "\"{\"\"a\"\":1}\"")]
    public void Cell_OfAJsonValue_IsItsTextOrItsJson(string json, string cell) => Assert.Equal(cell, CsvRow.Cell(JsonElement.Parse(json)));

    [Fact]
    public void Cell_OfAnAbsentValue_IsEmpty() => Assert.Equal("", CsvRow.Cell(default(JsonElement)));
}
