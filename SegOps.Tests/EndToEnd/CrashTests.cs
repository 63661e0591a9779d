using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>What was accepted is stored soon after a crash, without help: no event stays with a process that is gone. All share a system of their own.</summary>
[Collection(EndToEndCollection.Name)]
[Trait("Stage", "long")]
public sealed class CrashTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    /// <summary>The lease of a message in development, 10 s, and 5 s.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(15);

    [Fact(Explicit = true)]
    public async Task Kill_IngestorFiveTimesUnderLoad_StoresAllThatWasAcceptedWithinItsLease() =>
        await RunAsync(async system =>
        {
            for (var kill = 0; kill < 5; kill++)
            {
                await KillAsync(system, "ingestor");
                await Task.Delay(TimeSpan.FromSeconds(1 + Random.Shared.NextDouble()), TestContext.Current.CancellationToken);
            }
        });

    [Fact(Explicit = true)]
    public async Task Kill_ClickHouseUnderLoad_StoresAllThatWasAcceptedWithinALease() =>
        await RunAsync(async system =>
        {
            await KillAsync(system, "clickhouse");
            await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        });

    [Fact(Explicit = true)]
    public async Task Freeze_ClickHouseFor30SecondsUnderLoad_StoresAllThatWasAcceptedWithinALease() =>
        await RunAsync(async system =>
        {
            var clickHouse = system.System.Parts["clickhouse"];
            clickHouse.Pause();
            await Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            clickHouse.Resume();
        });

    private static async Task KillAsync(RunningSystem system, string part)
    {
        var before = system.System.Parts[part].Id;
        await system.System.Parts[part].KillAsync(TestContext.Current.CancellationToken);
        await system.System.Parts[part].WaitForRestartAsync(before, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends until the crash is over, and then asks for as long as promised for what is not stored yet.</summary>
    private async Task RunAsync(Func<RunningSystem, Task> crash)
    {
        var system = await fixture.GetAsync();
        var project = await system.Admin.CreateProjectAsync("""{"name":"crashes","plan":"enterprise","calls_per_minute":1000000}""");
        var key = await system.Admin.CreateKeyAsync(project);
        var load = new CrashLoad(system, key);
        using (var enough = new CancellationTokenSource())
        {
            var sending = load.RunAsync(enough.Token);
            await Eventually.TrueAsync(() => load.Events.Count > 100, () => $"{load.Events.Count} events were accepted");
            await crash(system);
            await enough.CancelAsync();
            await sending;
        }
        var last = (await system.Api.TrackAsync(key, """{"user_id":"u","event_type":"order_placed"}""")).RequestId;
        await Eventually.IsAsync(1, () => AskAsync(() => system.Warehouse.CountAsync(last)), TimeSpan.FromMinutes(2));

        await Eventually.IsAsync("0 events, 0 requests with faults, 0 malformed messages are not stored", () => AskAsync(load.MissingAsync), Promised);

        Assert.Equal(0, await load.GivenUpAsync());
        TestContext.Current.TestOutputHelper!.WriteLine($"{load.Events.Count} events, {load.Faulty.Count} requests with faults, {load.Malformed.Count} malformed messages");
    }

    /// <summary>What ClickHouse, which may be about to start again, answers.</summary>
    private static async Task<T?> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException)
        {
            return default;
        }
    }

    /// <summary>Single events, batches of which one event is refused, and messages that no row can be read from.</summary>
    private sealed class CrashLoad(RunningSystem system, string key)
    {
        private const int BatchEvents = 20;
        private static readonly string Single = """{"user_id":"u","event_type":"order_placed"}""";
        private static readonly string Batch =
            $$"""{"events":[{{string.Concat(Enumerable.Repeat(Single + ",", BatchEvents))}}{"event_type":"user_missing"}]}""";

        private readonly DbConnectionStringBuilder _pubSub = new() { ConnectionString = system.System.PubSubConnectionString };

        /// <summary>Ids of the events that were accepted.</summary>
        public ConcurrentBag<string> Events { get; } = [];

        /// <summary>Ids of the requests of which an event was refused.</summary>
        public ConcurrentBag<string> Faulty { get; } = [];

        /// <summary>Ids of the messages that belong into dead_letters.</summary>
        public ConcurrentBag<string> Malformed { get; } = [];

        public Task RunAsync(CancellationToken enough) => Task.WhenAll(
        [
            .. Enumerable.Range(0, 4).Select(_ => RepeatAsync(() => SendAsync(Api.Single, Single), enough)),
            .. Enumerable.Range(0, 2).Select(_ => RepeatAsync(() => SendAsync(Api.Batch, Batch), enough)),
            RepeatAsync(PublishMalformedAsync, enough),
        ]);

        /// <summary>How much of what was accepted is not stored now.</summary>
        public async Task<string> MissingAsync()
        {
            var events = Events.Except(await system.Warehouse.ColumnAsync("SELECT toString(event_id) FROM events")).Count();
            var faulty = Faulty.Except(await system.Warehouse.ColumnAsync("SELECT toString(request_id) FROM ingestion_errors")).Count();
            var malformed = Malformed.Except(await system.Warehouse.ColumnAsync("SELECT message_id FROM dead_letters")).Count();
            return $"{events} events, {faulty} requests with faults, {malformed} malformed messages are not stored";
        }

        /// <summary>How many messages Pub/Sub itself has given up.</summary>
        public async Task<int> GivenUpAsync() =>
            (await system.Warehouse.ColumnAsync($"SELECT message_id FROM dead_letters WHERE code = '{DeadLetterCodes.DeliveryAttemptsExhausted}'")).Count;

        private static async Task RepeatAsync(Func<Task> send, CancellationToken enough)
        {
            while (!enough.IsCancellationRequested)
                await send();
        }

        private async Task SendAsync(string path, string body)
        {
            var answer = await system.Api.PostAsync(key, path, body, request => request.Headers.Add("Prefer", "return=representation"));
            Assert.Equal(HttpStatusCode.Accepted, answer.Status);
            foreach (var id in answer.Json.GetProperty("event_ids").EnumerateArray())
                Events.Add(id.GetString()!);
            if (path == Api.Batch)
                Faulty.Add(answer.RequestId);
        }

        private async Task PublishMalformedAsync()
        {
            var answer = await CallAsync($"topics/{Streams.EventsTopic}:publish", """{"messages":[{"data":"bm90IHJvd3M="}]}""");
            Malformed.Add(answer.GetProperty("messageIds")[0].GetString()!);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }

        private async Task<JsonElement> CallAsync(string method, string body)
        {
            using var http = new HttpClient();
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(
                new Uri($"{_pubSub["Endpoint"]}/v1/projects/{_pubSub["ProjectId"]}/{method}"), content, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        }
    }
}
