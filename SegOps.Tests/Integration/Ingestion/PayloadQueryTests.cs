using System.Text;
using ClickHouse.Driver.ADO;
using CsCheck;
using SegOps.Contracts;
using SegOps.Ingestion.Parsing;
using SegOps.PubSub.Publishing;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Ingestion;
using SegOps.Warehouse;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

/// <summary>Whether ClickHouse can read what is stored of a payload.</summary>
public sealed class PayloadQueryTests(ClickHouseFixture clickHouse, PubSubEmulatorFixture emulator)
{
    /// <summary>Texts that clients sent. JSON allows all of them.</summary>
    public static TheoryData<string> Unreadable =>
    [
        """{"t":"\ud83d","n":7}""",
        """{"n":7,"t":"\ude00"}""",
        """{"n":7,"\ud83d":1}""",
        """{"n":7,"t":1e400}""",
        """{"n":7,"t":[{"u":-1e309}]}""",
        """{"n":7,"t":18446744073709551616}""",
        """{"n":7,"t":-9223372036854775809}""",
        """{"n":7,"t":123456789012345678901234567890}""",
    ];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task JsonExtract_UnreadableTextAsSent_ReadsNothingOfIt(string payload) =>
        Assert.Equal("0", await AskAsync("JSONExtractInt(payload, 'n')", payload));

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task Track_UnreadablePayload_IsStoredReadableWithAWarning(string payload)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(
            SinglePath, $$"""{"user_id":"u","event_type":"t","payload":{{payload}}}"""));

        Assert.Equal(WarningCodes.PayloadRepaired, answer.GetProperty("warnings")[0].GetProperty("code").GetString());
        var stored = Assert.Single((await ingestion.NextEventsAsync()).Column(EventColumns.Payload))!;
        Assert.Equal("7", await AskAsync("JSONExtractInt(payload, 'n')", stored));
    }

    [Fact]
    public async Task Track_KeyTwice_IsStoredAsSentWithAWarning()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(
            SinglePath, """{"user_id":"u","event_type":"t","payload":{"a":1,"a":2}}"""));

        Assert.Equal(WarningCodes.PayloadAmbiguous, answer.GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.Equal(["""{"a":1,"a":2}"""], (await ingestion.NextEventsAsync()).Column(EventColumns.Payload));
    }

    [Theory]
    [InlineData("JSONExtractInt(payload, 'a')", "1")]
    [InlineData("JSONExtractRaw(payload, 'a')", "1")]
    [InlineData("JSONExtractString(payload, 'a')", "1")]
    public async Task JsonExtract_KeyTwice_ReadsTheFirst(string expression, string value)
    {
        Assert.Equal(value, await AskAsync(expression, """{"a":1,"a":2}"""));
        Assert.Equal(value, await AskAsync(expression, """{"\u0061":1,"a":2}"""));
    }

    [Fact]
    public async Task JsonExtract_NumberStoredAsAString_KeepsItsDigits() => Assert.Equal(
        "18446744073709551616", await AskAsync("JSONExtractString(payload, 't')", """{"t":"18446744073709551616"}"""));

    [Fact]
    public async Task JsonExtract_AnyStoredPayload_ReadsItsOtherKeys()
    {
        using var tables = await clickHouse.NewTablesAsync();
        using var http = new WarehouseHttpClient();
        var inserter = new ClickHouseInserter(http, new ClickHouseClientSettings(tables.ConnectionString));

        await Generate.Object.Array[500].SampleAsync(async payloads =>
        {
            var metadata = Parse.Metadata with { RequestId = Guid.NewGuid() };
            var events = payloads.Select(payload => Parse.Event(more: $"\"payload\":{With(payload, "\"counted\":7")}"));
            using var parsed = TrackParser.Parse(Encoding.UTF8.GetBytes($"{{\"events\":[{string.Join(',', events)}]}}"), metadata, isBatch: true).Request!;
            Assert.Equal(payloads.Length, parsed.Accepted);

            await inserter.InsertAsync(
                "events", StreamTarget.Events.Columns, new InsertBody([new MessageCompressor().Compress(parsed.Rows)], MessageAttributes.Zstd), CancellationToken.None);

            Assert.Equal([], await UnreadAsync(tables.ConnectionString, metadata.RequestId));
        }, iter: 10, threads: 1);
    }

    /// <summary>The stored payloads of a request of which ClickHouse does not read the key that all of them have.</summary>
    private static async Task<List<string>> UnreadAsync(string connectionString, Guid request)
    {
        await using var connection = new ClickHouseConnection(connectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT payload FROM events WHERE request_id = '{request}' AND JSONExtractInt(payload, 'counted') != 7";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var payloads = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            payloads.Add(reader.GetString(0));
        return payloads;
    }

    private async Task<string> AskAsync(string expression, string payload)
    {
        using var tables = await clickHouse.NewTablesAsync();
        await using var connection = new ClickHouseConnection(tables.ConnectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = $"WITH base64Decode('{Convert.ToBase64String(Encoding.UTF8.GetBytes(payload))}') AS payload SELECT toString({expression})";
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The object <paramref name="json"/> with another member.</summary>
    private static string With(string json, string member)
    {
        var inner = json.Trim()[1..^1];
        return string.IsNullOrWhiteSpace(inner) ? $"{{{member}}}" : $"{{{inner},{member}}}";
    }
}
