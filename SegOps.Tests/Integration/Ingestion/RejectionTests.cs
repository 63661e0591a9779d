using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

public sealed class RejectionTests(PubSubEmulatorFixture emulator)
{
    [Fact]
    public async Task TrackBatch_FaultsAndWarnings_ReachTheListOfErrors()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await ingestion.PostAsync(BatchPath,
            """{"events":[{"user_id":"u","event_type":"t","x":1},{"user_id":"u","event_type":"t","x":2},{"event_type":""}]}"""));
        var rejections = await ingestion.NextRejectionsAsync();

        Assert.Equal("3", rejections.Attributes[MessageAttributes.Count]);
        Assert.Equal([Project], rejections.Column(IngestionErrorColumns.ProjectId).Distinct());
        Assert.Equal([Environments.Live], rejections.Column(IngestionErrorColumns.Environment).Distinct());
        Assert.Equal([answer.GetProperty("request_id").GetString()], rejections.Column(IngestionErrorColumns.RequestId).Distinct());
        Assert.Equal(3, rejections.Column(IngestionErrorColumns.ErrorId).Distinct().Count());
        Assert.Equal(["error", "error", "warning"], rejections.Column(IngestionErrorColumns.Severity));
        Assert.Equal([EventErrorCodes.Empty, EventErrorCodes.Required, WarningCodes.UnknownField], rejections.Column(IngestionErrorColumns.Code));
        Assert.Equal(["event_type", "user_id", "x"], rejections.Column(IngestionErrorColumns.Field));
        Assert.Equal(["2", "2", "-1"], rejections.Column(IngestionErrorColumns.EventIndex));
        Assert.Equal(["1", "1", "2"], rejections.Column(IngestionErrorColumns.Occurrences));
    }

    [Theory]
    [InlineData("{", ErrorCodes.MalformedJson)]
    [InlineData("{\"events\":[]}", ErrorCodes.BatchEmpty)]
    public async Task TrackBatch_RefusedAsAWhole_ReachesTheListOfErrors(string body, string code)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await ingestion.PostAsync(BatchPath, body);
        var rejections = await ingestion.NextRejectionsAsync();

        Assert.Equal([code], rejections.Column(IngestionErrorColumns.Code));
        Assert.Equal(["-1"], rejections.Column(IngestionErrorColumns.EventIndex));
        Assert.Equal([""], rejections.Column(IngestionErrorColumns.Field));
    }

    [Fact]
    public async Task TrackBatch_MoreErrorsThanAreListed_AreCountedByCode()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync(), "--Rejections:RowsPerMinute=1");

        await ingestion.PostAsync(BatchPath, """{"events":[{"user_id":"u"},{"user_id":"u"},{"user_id":"u"},{"user_id":"","event_type":"t"}]}""");
        var listed = await ingestion.NextRejectionsAsync();
        var sums = await ingestion.NextRejectionsAsync();

        Assert.Equal(["1"], listed.Column(IngestionErrorColumns.Occurrences));
        Assert.Equal([EventErrorCodes.Required, EventErrorCodes.Empty], sums.Column(IngestionErrorColumns.Code));
        Assert.Equal(["2", "1"], sums.Column(IngestionErrorColumns.Occurrences));
    }

    [Fact]
    public async Task Stop_WithRejectionsWaiting_PublishesThemFirst()
    {
        var project = await emulator.NewProjectAsync();
        await using (var ingestion = await StartAsync(project))
        {
            for (var i = 0; i < 20; i++)
                await ingestion.PostAsync(SinglePath, "{");
        }

        await using var next = await StartAsync(project);
        var requests = new HashSet<string?>();
        while (requests.Count < 20)
            requests.UnionWith((await next.NextRejectionsAsync()).Column(IngestionErrorColumns.RequestId));
    }
}
