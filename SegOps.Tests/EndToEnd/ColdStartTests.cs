using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SegOps.Bench.Processes;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;

namespace SegOps.Tests.EndToEnd;

/// <summary>
/// The first requests to services that have just started, while all cores are busy: code is compiled, connections are opened and no key is in memory.
/// SEGOPS_TEST_COLD_STARTS sets the number of starts, 5 by default.
/// </summary>
[Collection(EndToEndCollection.Name)]
public sealed class ColdStartTests(RedisFixture redis, PubSubEmulatorFixture emulator)
{
    private const int Connections = 16;
    private const int RequestsEach = 5;
    private const string Event = """{"user_id":"user-1","event_type":"order_placed"}""";

    [Fact(Explicit = true, Timeout = 1_200_000)]
    [Trait("Stage", "long")]
    public async Task FirstRequests_AllCoresBusyAndManyConnectionsAtOnce_AreAllAccepted()
    {
        var starts = int.Parse(Environment.GetEnvironmentVariable("SEGOPS_TEST_COLD_STARTS") ?? "5", CultureInfo.InvariantCulture);
        var (connection, pubSub) = (await redis.ConnectionStringAsync(), await emulator.NewProjectAsync());
        var keys = new List<string>();
        for (var i = 0; i < Connections; i++)
            keys.Add((await KeyIssuer.IssueAsync(connection, plan: "enterprise")).Key);

        var answers = new List<string>();
        using var busy = new BusyCores();
        for (var start = 1; start <= starts; start++)
        {
            var (ingestionUrl, gatewayUrl) = (NewUrl(), NewUrl());
            await using var ingestion = Service("SegOps.Ingestion", ingestionUrl, $"--ConnectionStrings:redis={connection}", $"--ConnectionStrings:pubsub={pubSub}");
            await using var gateway = Service(
                "SegOps.Gateway", gatewayUrl, $"--ConnectionStrings:redis={connection}", $"--services:ingestion:http:0={ingestionUrl}", $"--services:monitoring:http:0={Nowhere.Http}");
            await Task.WhenAll(ingestion.StartAsync(TestContext.Current.CancellationToken), gateway.StartAsync(TestContext.Current.CancellationToken));

            var number = start;
            answers.AddRange((await Task.WhenAll(keys.Select(key => SendAsync(gatewayUrl, key)))).SelectMany(each => each).Select(answer => $"start {number}: {answer}"));
        }

        Assert.Equal(starts * Connections * RequestsEach, answers.Count);
        Assert.DoesNotContain(answers, answer => !answer.EndsWith(": Accepted", StringComparison.Ordinal));
    }

    private static Uri NewUrl() => new($"http://127.0.0.1:{FreePort.Next()}");

    private static ServerProcess Service(string project, Uri url, params string[] settings) => new(
        project,
        ChildCommand.Built(project, [$"--urls={url.GetLeftPart(UriPartial.Authority)}", $"--Internal:Secret={RunningService.Secret}", .. settings]),
        Readiness.Of($"{url}health"));

    /// <summary>Sends requests one after the other on a connection of its own.</summary>
    private static async Task<List<string>> SendAsync(Uri gateway, string key)
    {
        using var client = new HttpClient { BaseAddress = gateway, Timeout = Eventually.Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", key);
        var answers = new List<string>();
        for (var i = 0; i < RequestsEach; i++)
        {
            using var content = new StringContent(Event, Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri("/api/ingestion/track/", UriKind.Relative), content, TestContext.Current.CancellationToken);
            answers.Add(answer.StatusCode == HttpStatusCode.Accepted
                ? $"{answer.StatusCode}"
                : $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
        return answers.ConvertAll(answer => $"request: {answer}");
    }

    /// <summary>A thread for each core that never waits.</summary>
    private sealed class BusyCores : IDisposable
    {
        private volatile bool _ended;

        public BusyCores()
        {
            for (var core = 0; core < Environment.ProcessorCount; core++)
                new Thread(Spin) { IsBackground = true }.Start();
        }

        public void Dispose() => _ended = true;

        private void Spin()
        {
            while (!_ended)
                Thread.SpinWait(1_000);
        }
    }
}
