using System.Text;
using ClickHouse.Driver.ADO;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Ingestor;
using SegOps.Warehouse;

namespace SegOps.Tests.Integration.Ingestor;

public sealed class ClickHouseInserterTests(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private readonly WarehouseHttpClient _http = new();
    private WarehouseTables _tables = null!;
    private ClickHouseInserter _inserter = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _inserter = new ClickHouseInserter(_http, new ClickHouseClientSettings(_tables.ConnectionString));
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _tables.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task InsertAsync_SeveralZstdFrames_StoresTheRowsOfAll()
    {
        await InsertAsync(Zstd(Messages.Pack(Rows.Event("a"), Rows.Event("b")), Messages.Pack(Rows.Event("c")), Messages.Pack(Rows.Event("d"))));

        Assert.Equal("a,b,c,d", await UsersAsync());
    }

    [Fact]
    public async Task InsertAsync_LastRowsWithoutLineFeed_StoresTheRowsOfAll()
    {
        await InsertAsync(new InsertBody([Encoding.UTF8.GetBytes(Rows.Event("a")), Encoding.UTF8.GetBytes(Rows.Event("b"))], encoding: null));

        Assert.Equal("a,b", await UsersAsync());
    }

    [Fact]
    public async Task InsertAsync_SameRowsAgain_StoresThemOnce()
    {
        var rows = Messages.Pack(Rows.Event("a"), Rows.Event("b"));

        await InsertAsync(Zstd(rows));
        await InsertAsync(Zstd(rows));

        Assert.Equal("2", await IngestorHost.AskAsync(_tables.ConnectionString, "SELECT count() FROM events"));
    }

    [Fact]
    public async Task InsertAsync_BadRow_TellsClickHousesCodeAndStoresNothing()
    {
        var refusal = await Assert.ThrowsAsync<ClickHouseException>(
            () => InsertAsync(Zstd(Messages.Pack(Rows.Event("a"), Rows.Event("b", occurredAt: "never")))));

        Assert.Equal(InsertFailure.Refused, InsertFailures.Classify(refusal));
        Assert.Equal("0", await IngestorHost.AskAsync(_tables.ConnectionString, "SELECT count() FROM events"));
    }

    [Fact]
    public async Task InsertAsync_WrongPassword_IsNotBlamedOnTheRows()
    {
        var stranger = new ClickHouseClientSettings(_tables.ConnectionString) { Password = "wrong" };

        var refusal = await Assert.ThrowsAsync<ClickHouseException>(() => new ClickHouseInserter(_http, stranger)
            .InsertAsync("events", StreamTarget.Events.Columns, Zstd(Messages.Pack(Rows.Event())), TestContext.Current.CancellationToken));

        Assert.Equal(InsertFailure.Transient, InsertFailures.Classify(refusal));
    }

    [Fact]
    public async Task InsertAsync_MissingTable_IsNotBlamedOnTheRows()
    {
        var refusal = await Assert.ThrowsAsync<ClickHouseException>(() => _inserter.InsertAsync(
            "no_such_table", StreamTarget.Events.Columns, Zstd(Messages.Pack(Rows.Event())), TestContext.Current.CancellationToken));

        Assert.Equal(InsertFailure.Transient, InsertFailures.Classify(refusal));
    }

    private static InsertBody Zstd(params ReadOnlyMemory<byte>[] frames) => new(frames, MessageAttributes.Zstd);

    private Task InsertAsync(InsertBody body) =>
        _inserter.InsertAsync("events", StreamTarget.Events.Columns, body, TestContext.Current.CancellationToken);

    private Task<string> UsersAsync() =>
        IngestorHost.AskAsync(_tables.ConnectionString, "SELECT arrayStringConcat(arraySort(groupArray(user_id)), ',') FROM events");
}
