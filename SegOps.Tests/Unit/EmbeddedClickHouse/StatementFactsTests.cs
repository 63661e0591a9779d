using System.Text;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Sql;

namespace SegOps.Tests.Unit.EmbeddedClickHouse;

public sealed class StatementFactsTests
{
    [Theory]
    [InlineData("SELECT 1 FORMAT JSON", "JSON")]
    [InlineData("select 1 format `JSON`;", "JSON")]
    [InlineData("SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "JSON")]
    [InlineData("SELECT format FROM t", null)]
    [InlineData("SELECT format('{}', x)", null)]
    [InlineData("SELECT '1 FORMAT JSON'", null)]
    [InlineData("SELECT * FROM (SELECT 1 FORMAT JSON)", null)]
    public void Read_FormatClause_IsFoundWhereItIsOne(string sql, string? format) =>
        Assert.Equal(format, StatementFacts.Read(Encoding.UTF8.GetBytes(sql)).Format);

    [Theory]
    [InlineData("SELECT 1", true)]
    [InlineData("/* c */ with 1 AS x SELECT x", true)]
    [InlineData("(SELECT 1) UNION ALL (SELECT 2)", true)]
    [InlineData("FROM system.one SELECT 1", true)]
    [InlineData("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", false)]
    [InlineData("SHOW TABLES", false)]
    public void Read_Statement_KnowsWhatCanBeStreamed(string sql, bool isSelect) =>
        Assert.Equal(isSelect, StatementFacts.Read(Encoding.UTF8.GetBytes(sql)).IsSelect);

    [Theory]
    [InlineData("SELECT 1; SELECT 2", ErrorCode.SyntaxError)]
    [InlineData("SELECT 1 INTO OUTFILE '/tmp/x'", ErrorCode.IntoOutfileNotAllowed)]
    public void Read_WhatTheServerRefuses_IsRefused(string sql, int code) =>
        Assert.Equal(code, Assert.Throws<EngineException>(() => StatementFacts.Read(Encoding.UTF8.GetBytes(sql))).Code);

    [Fact]
    public void WithClientQueryIds_KillQuery_AsksForTheClientsId() => Assert.Equal(
        "KILL QUERY WHERE Settings['log_comment'] = 'query_id' SYNC",
        Encoding.UTF8.GetString(StatementFacts.WithClientQueryIds("KILL QUERY WHERE query_id = 'query_id' SYNC"u8)));
}
