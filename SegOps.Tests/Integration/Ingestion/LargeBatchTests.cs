using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Ingestion.Quota;
using static SegOps.Tests.Integration.Ingestion.IngestionUnderTest;

namespace SegOps.Tests.Integration.Ingestion;

/// <summary>A legal batch of random text, which hardly shrinks: its rows are larger than a message of the event stream.</summary>
public sealed partial class LargeBatchTests(PubSubEmulatorFixture emulator, RedisFixture redis)
{
    private const int Events = 500;
    private const int PayloadBytes = 20_900;

    private static readonly string[] Batch = Make();

    [Fact]
    public async Task TrackBatch_LargerThanAMessage_IsBodyTooLargeAndSaysHowToSplit()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());
        var body = BodyOf(Batch);
        Assert.InRange(body.Length, EventLimits.MaxBatchBodyBytes - 50_000, EventLimits.MaxBatchBodyBytes);

        var problem = await AssertProblemAsync(
            HttpStatusCode.RequestEntityTooLarge, ErrorCodes.BodyTooLarge, await ingestion.PostAsync(BatchPath, body));

        var advice = AtMost().Match(problem.GetProperty("detail").GetString()!);
        Assert.True(advice.Success, problem.GetProperty("detail").GetString());
        var fitting = int.Parse(advice.Groups[1].Value, CultureInfo.InvariantCulture);
        await AssertAcceptedAsync(await ingestion.PostAsync(BatchPath, BodyOf(Batch[..fitting])));
        await AssertAcceptedAsync(await ingestion.PostAsync(BatchPath, BodyOf(Batch[fitting..])));
    }

    [Fact]
    public async Task TrackBatch_LargerThanAMessage_TakesNothingFromTheMonth()
    {
        var connection = await redis.ConnectionStringAsync();
        await using var usage = await Usage.ConnectAsync(connection);
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync(), $"--ConnectionStrings:redis={connection}", "--Redis:Deadline=00:00:10");
        var project = Unique.Name("project_");

        (await ingestion.PostAsync(BatchPath, BodyOf(Batch), request =>
        {
            request.Headers.Remove(InternalHeaders.Project);
            request.Headers.Add(InternalHeaders.Project, project);
        })).Dispose();

        Assert.Equal(0, await usage.ReadAsync(project));
    }

    [Fact]
    public async Task TrackBatch_LargerThanAMessage_StandsInTheListOfErrorsWithItsEvents()
    {
        await using var ingestion = await StartAsync(await emulator.NewProjectAsync());

        (await ingestion.PostAsync(BatchPath, BodyOf(Batch))).Dispose();
        var row = Assert.Single((await ingestion.NextRejectionsAsync()).Rows);

        Assert.Equal(ErrorCodes.BodyTooLarge, row.GetProperty(IngestionErrorColumns.Code).GetString());
        Assert.Equal(Events, row.GetProperty(IngestionErrorColumns.EventIds).GetArrayLength());
    }

    private static byte[] BodyOf(string[] events) => Encoding.UTF8.GetBytes($$"""{"events":[{{string.Join(',', events)}}]}""");

    private static string[] Make()
    {
        var random = new Random(17);
        return [.. Enumerable.Range(0, Events).Select(_ => $$$"""{"user_id":"u","event_type":"t","payload":{"a":"{{{Noise(random, PayloadBytes - 8)}}}"}}""")];
    }

    /// <summary>Text of all of Unicode, in the proportions in which UTF-8 holds most information.</summary>
    private static string Noise(Random random, int bytes)
    {
        var text = new StringBuilder();
        while (bytes > 0)
        {
            var rune = bytes < 4 ? new Rune('x') : random.Next(1000) switch
            {
                < 812 => Pick(0x20, 0x80),
                < 952 => Pick(0x80, 0x800),
                < 995 => Pick(0x800, 0xD800),
                _ => Pick(0x10000, 0x110000),
            };
            if (rune.Value is '"' or '\\')
                continue;
            text.Append(rune.ToString());
            bytes -= rune.Utf8SequenceLength;
        }

        return text.ToString();

        Rune Pick(int from, int to) => new(random.Next(from, to));
    }

    [GeneratedRegex(@"Send them in two requests, or at most (\d+) like them in one\.")]
    private static partial Regex AtMost();
}
