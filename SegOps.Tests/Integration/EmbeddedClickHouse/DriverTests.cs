using System.Globalization;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.Copy;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

public sealed class DriverTests(ClickHouseFixture fixture)
{
    private const string Types =
        "(id UInt64, n Nullable(Int32), u UUID, at DateTime64(6, 'UTC'), d Decimal(18, 4), tags Array(String), l LowCardinality(String), s String, f Float64, b Bool)";

    private static readonly object?[] Row =
    [
        18_446_744_073_709_551_615ul, null, Guid.Parse("0190b5a2-7c11-7e3a-9a55-0123456789ab"), new DateTime(2026, 11, 23, 16, 0, 1, 234, 567, DateTimeKind.Utc),
        -12345.6789m, new[] { "a", "b'c", "" }, "low", "zero \0, FORMAT, ünïcödé, \n and 'quote'", -0.25, true,
    ];

    [Fact]
    public async Task BulkCopy_EveryKindOfColumn_IsReadBackAsWritten()
    {
        await using var connection = await TableAsync(Types);
#pragma warning disable CS0618 // The older way in of the same driver, which must work unchanged too.
        using var copy = new ClickHouseBulkCopy(connection) { DestinationTableName = "t" };
#pragma warning restore CS0618

        await copy.WriteToServerAsync([Row!], TestContext.Current.CancellationToken);

        Assert.Equal(Row, await ReadRowAsync(connection));
    }

    [Fact]
    public async Task InsertBinary_ManyBatches_StoresEveryRow()
    {
        await using var connection = await TableAsync("(id UInt64, s String)");
        using var client = new ClickHouseClient(connection.ConnectionString);
        var rows = Enumerable.Range(0, 100_000).Select(id => new object[] { (ulong)id, $"row {id} \n FORMAT" });

        var written = await client.InsertBinaryAsync("t", ["id", "s"], rows, new InsertOptions { BatchSize = 20_000 }, TestContext.Current.CancellationToken);

        Assert.Equal(100_000, written);
        Assert.Equal("100000\t4999950000", await ScalarAsync(connection, "SELECT concat(toString(count()), '\\t', toString(sum(id))) FROM t"));
    }

    [Fact]
    public async Task Reader_ManyChunks_ShowsEachRowOnce()
    {
        await using var connection = await TableAsync("(id UInt64)");
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT number, toString(number) FROM numbers(300000)";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);

        ulong rows = 0;
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(rows, reader.GetFieldValue<ulong>(0));
            rows++;
        }

        Assert.Equal(300_000ul, rows);
    }

    [Fact]
    public async Task Reader_NoRows_StillKnowsItsColumns()
    {
        await using var connection = await TableAsync("(id UInt64, s String)");
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM t";

        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["id", "s"], Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
        Assert.False(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parameters_InUrlOrForm_AreBound(bool form)
    {
        var settings = new ClickHouseConnectionStringBuilder(await fixture.NewDatabaseAsync()) { UseFormDataParameters = form };
        await using var connection = new ClickHouseConnection(settings.ConnectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT concat({text:String}, toString({number:Int64}), arrayStringConcat({list:Array(String)}, '+'))";
        command.Parameters.Add(new ClickHouseDbParameter { ParameterName = "text", Value = "it's \\ \t" });
        command.Parameters.Add(new ClickHouseDbParameter { ParameterName = "number", Value = -7L });
        command.Parameters.Add(new ClickHouseDbParameter { ParameterName = "list", Value = new[] { "a", "b'" } });

        Assert.Equal("it's \\ \t-7a+b'", await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Insert_ValuesWithParameters_IsStored()
    {
        await using var connection = await TableAsync("(id UInt64, s String)");
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO t (id, s) VALUES ({id:UInt64}, {s:String})";
        command.Parameters.Add(new ClickHouseDbParameter { ParameterName = "id", Value = 5ul });
        command.Parameters.Add(new ClickHouseDbParameter { ParameterName = "s", Value = "five; 'x' FORMAT" });

        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Equal("5 five; 'x' FORMAT", await ScalarAsync(connection, "SELECT concat(toString(id), ' ', s) FROM t"));
    }

    [Fact]
    public async Task Command_Refused_ThrowsTheServersError()
    {
        await using var connection = await TableAsync("(id UInt64)");

        var exception = await Assert.ThrowsAsync<ClickHouseServerException>(() => ScalarAsync(connection, "SELECT * FROM nowhere"));

        Assert.Equal(60, exception.ErrorCode);
    }

    [Fact]
    public async Task Connection_WrongPassword_ThrowsError516()
    {
        var settings = new ClickHouseConnectionStringBuilder(await fixture.NewDatabaseAsync()) { Password = "wrong" };
        await using var connection = new ClickHouseConnection(settings.ConnectionString);

        var exception = await Assert.ThrowsAsync<ClickHouseServerException>(() => ScalarAsync(connection, "SELECT 1"));

        Assert.Equal(516, exception.ErrorCode);
    }

    [Fact]
    public async Task Reader_ErrorInTheMidstOfTheRows_ThrowsTheServersError()
    {
        await using var connection = await TableAsync("(id UInt64)");
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT number, repeat('x', 1000), throwIf(number = 9000) FROM system.numbers LIMIT 10000";
        foreach (var (name, value) in new Dictionary<string, object> { ["max_block_size"] = 1000, ["max_threads"] = 1, ["http_response_buffer_size"] = 1, ["http_write_exception_in_output_format"] = 1 })
            command.CustomSettings[name] = value;

        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
            }
        });

        Assert.Contains("Code: 395", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_TemporaryTable_LivesBetweenCommands()
    {
        var settings = new ClickHouseConnectionStringBuilder(await fixture.NewDatabaseAsync()) { UseSession = true };
        await using var connection = new ClickHouseConnection(settings.ConnectionString);
        await ExecuteAsync(connection, "CREATE TEMPORARY TABLE mine (a UInt8)");
        await ExecuteAsync(connection, "INSERT INTO mine VALUES (1), (2)");

        Assert.Equal("2", Convert.ToString(await ScalarAsync(connection, "SELECT count() FROM mine"), CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task InsertRawStream_JsonRows_AreStored()
    {
        await using var connection = await TableAsync("(id UInt64, s String)");
        using var client = new ClickHouseClient(connection.ConnectionString);
        using var rows = new MemoryStream("{\"id\":1,\"s\":\"a\"}\n{\"id\":2,\"s\":\"b\"}\n"u8.ToArray());

        using var response = await client.InsertRawStreamAsync("t", rows, "JSONEachRow", ["id", "s"], true, null, TestContext.Current.CancellationToken);

        Assert.Equal("2", Convert.ToString(await ScalarAsync(connection, "SELECT count() FROM t"), CultureInfo.InvariantCulture));
    }

    private async Task<ClickHouseConnection> TableAsync(string columns)
    {
        var settings = new ClickHouseConnectionStringBuilder(await fixture.NewDatabaseAsync()) { UseCustomDecimals = false };
        var connection = new ClickHouseConnection(settings.ConnectionString);
        await ExecuteAsync(connection, $"CREATE TABLE t {columns} ENGINE = MergeTree ORDER BY id");
        return connection;
    }

    private static async Task ExecuteAsync(ClickHouseConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<object?> ScalarAsync(ClickHouseConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<object?[]> ReadRowAsync(ClickHouseConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM t";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        return [.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetValue(column))];
    }
}
