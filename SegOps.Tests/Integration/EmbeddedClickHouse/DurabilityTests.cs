using System.Collections.Concurrent;
using System.Globalization;
using SegOps.Bench.Processes;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Fixtures.Servers;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

/// <summary>Tests that kill or stop the process, and so have one of their own.</summary>
public sealed class DurabilityTests
{
    private const int Writers = 8;
    private const int RowsPerInsert = 500;

    [Fact]
    public async Task Process_KilledUnderLoad_HasEveryAcknowledgedRowAfterTheRestart()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ClickHouseServer.StartAsync(folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        using var http = new ClickHouseHttp(server.ConnectionStringFor("default"));
        await http.AskAsync("CREATE DATABASE kept");
        await http.AskAsync("CREATE TABLE kept.t (batch UInt32, n UInt32) ENGINE = MergeTree ORDER BY (batch, n)");
        ConcurrentBag<int> acknowledged = [];
        var next = 0;
        var writers = Enumerable.Range(0, Writers).Select(_ => WriteUntilItBreaksAsync(http, acknowledged, () => Interlocked.Increment(ref next))).ToArray();
        while (acknowledged.Count < 100 && !writers.All(writer => writer.IsCompleted))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);

        server.Server.Child.Kill();
        await Task.WhenAll(writers);
        await server.Server.Child.Exited;
        await server.Server.StartAsync(TestContext.Current.CancellationToken);

        Assert.True(acknowledged.Count >= 100, $"only {acknowledged.Count} inserts were acknowledged");
        var whole = await http.AskAsync($"SELECT groupArray(batch) FROM (SELECT batch FROM kept.t GROUP BY batch HAVING count() = {RowsPerInsert} AND uniqExact(n) = {RowsPerInsert})");
        Assert.Empty(acknowledged.Except(whole.Trim('[', ']').Split(',').Select(batch => int.Parse(batch, CultureInfo.InvariantCulture))));
    }

    [Fact]
    public async Task Process_SigtermDuringAQuery_AnswersItAndExitsWithZero()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ClickHouseServer.StartAsync(folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        using var http = new ClickHouseHttp(server.ConnectionStringFor("default"));
        await http.AskAsync("CREATE DATABASE d");
        await http.AskAsync("CREATE TABLE d.t (a UInt8) ENGINE = MergeTree ORDER BY a");
        var running = http.AskAsync("SELECT count(), sum(sleepEachRow(0.1)) FROM numbers(60) SETTINGS max_block_size = 1");
        await http.UntilAsync("SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow%' AND query NOT LIKE '%processes%'", "1");

        var status = await server.Server.Child.StopAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(0, status);
        Assert.Equal("60\t0", await running);
    }

    [Fact]
    public async Task Process_SecondOnTheSameFolder_SaysSoAndEnds()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ClickHouseServer.StartAsync(folder.Path, cancellationToken: TestContext.Current.CancellationToken);

        var exception = await Assert.ThrowsAsync<ServerStartException>(() => ClickHouseServer.StartAsync(folder.Path, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("Another process may be using it", exception.Message, StringComparison.Ordinal);
    }

    private static async Task WriteUntilItBreaksAsync(ClickHouseHttp http, ConcurrentBag<int> acknowledged, Func<int> next)
    {
        try
        {
            while (true)
            {
                var batch = next();
                var rows = string.Concat(Enumerable.Range(0, RowsPerInsert).Select(n => $"{batch},{n}\n"));
                await http.AskAsync("INSERT INTO kept.t FORMAT CSV\n" + rows);
                acknowledged.Add(batch);
            }
        }
        catch (HttpRequestException)
        {
            // The process was killed: that is the end of writing.
        }
    }
}
