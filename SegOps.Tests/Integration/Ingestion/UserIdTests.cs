using System.Net;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

/// <summary>User ids that are none.</summary>
public sealed class UserIdTests(PubSubEmulatorFixture emulator)
{
    [Theory]
    [InlineData("   ", EventErrorCodes.Empty)]
    [InlineData("\\u200b", EventErrorCodes.Empty)]
    [InlineData("a\\u0000", EventErrorCodes.InvalidCharacters)]
    public async Task Track_BlankOrWithNul_IsRefused(string userId, string code)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var problem = await AssertProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.ValidationFailed, await PostAsync(ingestion, userId));

        Assert.Equal(code, problem.GetProperty("errors")[0].GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("undefined")]
    [InlineData("anonymous")]
    [InlineData("guest")]
    [InlineData("0")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task Track_Placeholder_IsStoredWithAWarning(string userId)
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        var answer = await AssertAcceptedAsync(await PostAsync(ingestion, userId));

        Assert.Equal(WarningCodes.SuspiciousUserId, answer.GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.Equal([userId], (await ingestion.NextEventsAsync()).Column(EventColumns.UserId));
    }

    [Fact]
    public async Task TrackBatch_Placeholders_StandInTheListOfErrorsWithTheirNumber()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        await AssertAcceptedAsync(await ingestion.PostAsync(
            BatchPath, """{"events":[{"user_id":"null","event_type":"t"},{"user_id":"undefined","event_type":"t"},{"user_id":"jo\u202e","event_type":"t"}]}"""));
        var rejections = await ingestion.NextRejectionsAsync();

        Assert.Equal([Severities.Warning, Severities.Warning], rejections.Column(IngestionErrorColumns.Severity));
        Assert.Equal([WarningCodes.SuspiciousUserId, WarningCodes.BidirectionalControl], rejections.Column(IngestionErrorColumns.Code));
        Assert.Equal(["2", "1"], rejections.Column(IngestionErrorColumns.Occurrences));
    }

    private static Task<HttpResponseMessage> PostAsync(IngestionUnderTest ingestion, string userId) =>
        ingestion.PostAsync(SinglePath, $$"""{"user_id":"{{userId}}","event_type":"t"}""");
}
