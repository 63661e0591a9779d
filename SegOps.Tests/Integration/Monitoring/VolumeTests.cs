using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

public sealed class VolumeTests(ClickHouseFixture clickHouse)
{
    private const string Path = "/api/monitoring/volume";

    // The tables forget what is too old by the real clock, so that a fixed date would not do.
    private static readonly DateTimeOffset Now = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddHours(10).AddMinutes(7), TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Now);

    [Fact]
    public async Task Volume_Of24Hours_HasABucketEachQuarterOfAnHourUpToTheRunningOne()
    {
        using var tables = await TablesAsync();
        await using var monitoring = await StartAsync(tables);

        var volume = await monitoring.ReadAsync(Path + "?window=24h", "p");

        Assert.Equal("24h", volume.GetProperty("window").GetString());
        Assert.Equal(900, volume.GetProperty("bucket_seconds").GetInt32());
        Assert.Equal(Now.AddMinutes(8), volume.GetProperty("to").GetDateTimeOffset());
        Assert.Equal(Now.AddMinutes(8).AddHours(-24), volume.GetProperty("from").GetDateTimeOffset());
        Assert.Equal(96, volume.GetProperty("points").GetArrayLength());
        Assert.All(volume.GetProperty("points").EnumerateArray(), point => Assert.Equal((0, 0, 0), Counts(point)));
    }

    [Fact]
    public async Task Volume_Of7Days_HasABucketEachHour()
    {
        using var tables = await TablesAsync();
        await using var monitoring = await StartAsync(tables);

        var volume = await monitoring.ReadAsync(Path + "?window=7d", "p");

        Assert.Equal(3600, volume.GetProperty("bucket_seconds").GetInt32());
        Assert.Equal(168, volume.GetProperty("points").GetArrayLength());
        Assert.Equal(Now.AddMinutes(53), volume.GetProperty("to").GetDateTimeOffset());
    }

    [Fact]
    public async Task Volume_EventsReceived_CountInTheirBuckets()
    {
        using var tables = await TablesAsync();
        var bucket = Now.AddMinutes(-7);
        await tables.AddEventAsync("p", bucket);
        await tables.AddEventAsync("p", bucket.AddMinutes(6));
        await tables.AddEventAsync("p", bucket.AddMicroseconds(-1));
        await using var monitoring = await StartAsync(tables);

        var volume = await monitoring.ReadAsync(Path, "p");

        Assert.Equal(3, volume.GetProperty("accepted").GetInt32());
        Assert.Equal((2, 0, 0), At(volume, bucket));
        Assert.Equal((1, 0, 0), At(volume, bucket.AddMinutes(-15)));
    }

    [Fact]
    public async Task Volume_EventsOutsideTheWindow_DoNotCount()
    {
        using var tables = await TablesAsync();
        var from = Now.AddMinutes(8).AddHours(-24);
        await tables.AddEventAsync("p", from);
        await tables.AddEventAsync("p", from.AddMicroseconds(-1));
        await using var monitoring = await StartAsync(tables);

        Assert.Equal(1, (await monitoring.ReadAsync(Path, "p")).GetProperty("accepted").GetInt32());
    }

    [Fact]
    public async Task Volume_EventStoredSeveralTimes_CountsOnceWhereItCameFirst()
    {
        using var tables = await TablesAsync();
        var bucket = Now.AddMinutes(-7);
        var id = await tables.AddEventAsync("p", bucket.AddHours(-3));
        await tables.AddEventAsync("p", bucket.AddHours(-3), eventId: id);
        await tables.AddEventAsync("p", bucket, eventId: id);
        await using var monitoring = await StartAsync(tables);

        var volume = await monitoring.ReadAsync(Path, "p");

        Assert.Equal(1, volume.GetProperty("accepted").GetInt32());
        Assert.Equal((1, 0, 0), At(volume, bucket.AddHours(-3)));
    }

    [Fact]
    public async Task Volume_OfOthers_DoesNotCount()
    {
        using var tables = await TablesAsync();
        await tables.AddEventAsync("theirs", Now);
        await tables.AddEventAsync("p", Now, Environments.Test);
        await tables.AddErrorAsync("theirs", Now, Severities.Error, Guid.NewGuid());
        await using var monitoring = await StartAsync(tables);

        var volume = await monitoring.ReadAsync(Path, "p");

        Assert.Equal(0, volume.GetProperty("accepted").GetInt32());
        Assert.Equal(0, volume.GetProperty("rejected").GetInt32());
    }

    [Fact]
    public async Task Volume_EventWithSeveralFaults_IsOneRejectedEvent()
    {
        using var tables = await TablesAsync();
        var request = Guid.NewGuid();
        await tables.AddErrorAsync("p", Now, Severities.Error, request, eventIndex: 3);
        await tables.AddErrorAsync("p", Now, Severities.Error, request, eventIndex: 3);
        await tables.AddErrorAsync("p", Now, Severities.Error, request, eventIndex: 4);
        await using var monitoring = await StartAsync(tables);

        var volume = await monitoring.ReadAsync(Path, "p");

        Assert.Equal(2, volume.GetProperty("rejected").GetInt32());
        Assert.Equal((0, 2, 0), At(volume, Now.AddMinutes(-7)));
    }

    [Fact]
    public async Task Volume_WarningStoredTwice_CountsItsOccurrencesOnce()
    {
        using var tables = await TablesAsync();
        var warning = Guid.NewGuid();
        var request = Guid.NewGuid();
        await tables.AddErrorAsync("p", Now, Severities.Warning, request, eventIndex: -1, occurrences: 7, errorId: warning);
        await tables.AddErrorAsync("p", Now, Severities.Warning, request, eventIndex: -1, occurrences: 7, errorId: warning);
        await tables.AddErrorAsync("p", Now, Severities.Warning, request, eventIndex: -1, occurrences: 2);
        await using var monitoring = await StartAsync(tables);

        Assert.Equal((0, 0, 9), At(await monitoring.ReadAsync(Path, "p"), Now.AddMinutes(-7)));
    }

    [Theory]
    [InlineData("window=1h")]
    [InlineData("window=24H")]
    [InlineData("window=24h&window=7d")]
    public async Task Volume_WrongWindow_IsInvalidParameter(string query)
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(MonitoringUnderTest.NoWarehouse);

        using var answer = await monitoring.GetAsync($"{Path}?{query}", "p");

        var problem = await ProblemAnswer.ReadAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidParameter, answer);
        Assert.StartsWith("window ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static (int Accepted, int Rejected, int Warnings) At(JsonElement volume, DateTimeOffset at) =>
        Counts(volume.GetProperty("points").EnumerateArray().Single(point => point.GetProperty("at").GetDateTimeOffset() == at));

    private static (int Accepted, int Rejected, int Warnings) Counts(JsonElement point) =>
        (point.GetProperty("accepted").GetInt32(), point.GetProperty("rejected").GetInt32(), point.GetProperty("warnings").GetInt32());

    private async Task<MonitoringUnderTest> StartAsync(WarehouseTables tables)
    {
        var monitoring = await MonitoringUnderTest.StartAsync(tables.ConnectionString, _clock);
        await monitoring.RollUpAsync();
        return monitoring;
    }

    private Task<WarehouseTables> TablesAsync() => clickHouse.NewTablesAsync();
}
