using System.Collections.Concurrent;
using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Bench.Running;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>Two instances of each service. One of each is killed and stays stopped.</summary>
[Collection(EndToEndCollection.Name)]
[Trait("Stage", "long")]
public sealed class SeveralInstancesTests : IAsyncLifetime
{
    private const int Requests = 40;
    private const string Event = """{"user_id":"u","event_type":"order_placed"}""";
    private static readonly string[] Second = ["ingestion-2", "ingestor-2", "monitoring-2", "segments-2", "gateway-2"];

    private readonly TemporaryFolder _data = new();
    private readonly ConcurrentBag<string> _accepted = [];
    private LocalSystem _system = null!;
    private Api _api = null!;
    private Warehouse _warehouse = null!;

    public async ValueTask InitializeAsync()
    {
        _system = await LocalSystem.StartAsync(
            new LocalSystemOptions
            {
                DataDirectory = _data.Path,
                Instances = 2,
                ServiceEnvironment = new Dictionary<string, string>
                {
                    // A busy machine must not look like a dependency that is unavailable.
                    ["PubSub__Publisher__MessageDeadline"] = "00:01:00",
                    ["Redis__Deadline"] = "00:00:10",
                    ["Pipeline__ForgetInstanceAfter"] = "00:00:20",
                },
            },
            TestContext.Current.CancellationToken);
        _api = new Api(_system.GatewayUrl);
        _warehouse = new Warehouse(_system.ClickHouseConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _system.DisposeAsync();
        _data.Dispose();
    }

    [Fact(Explicit = true)]
    public async Task Stop_OneInstanceOfEach_ClientsSeeNoErrorAndTheAccountBalances()
    {
        using (var second = new Api(_system.GatewayUrls[1]))
            await SendAsync(second);
        await SendAsync(_api);
        foreach (var part in Second)
        {
            await StopAsync(part);
            await SendAsync(_api);
            Assert.Equal(HttpStatusCode.OK, (await _api.GetAsync(DemoKeys.Enterprise.Key, "/api/monitoring/volume?window=24h")).Status);
        }
        await _system.Parts["redis"].KillAsync(TestContext.Current.CancellationToken);
        await SendAsync(_api);

        await Eventually.IsAsync(_accepted.Count, async () => (await _warehouse.ColumnAsync("SELECT DISTINCT toString(event_id) FROM events")).Intersect(_accepted).Count(), TimeSpan.FromMinutes(2));
        await Eventually.IsAsync($"stored {_accepted.Count}, in flight 0, missing 0", AccountAsync, TimeSpan.FromMinutes(3));
        await Eventually.IsAsync("ingestor_worker ok 1/1, gateway ok 1/1, ingestion ok 1/1, segments ok 1/1", HealthAsync, TimeSpan.FromMinutes(2));
    }

    /// <summary>Kills an instance, so that it finishes nothing. The app host starts it again, and the instance is stopped for good then.</summary>
    private async Task StopAsync(string part)
    {
        var before = _system.Parts[part].Id;
        await _system.Parts[part].KillAsync(TestContext.Current.CancellationToken);
        await SendAsync(_api);
        await _system.Parts[part].WaitForRestartAsync(before, TestContext.Current.CancellationToken);
        await _system.Parts[part].StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends events, each of which has to be accepted at the first attempt.</summary>
    private async Task SendAsync(Api api)
    {
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => api.TrackAsync(DemoKeys.Enterprise.Key, Event))))
            _accepted.Add(answer.Json.GetProperty("event_ids")[0].GetString()!);
    }

    private async Task<string> AccountAsync()
    {
        var answer = await _api.GetAsync(DemoKeys.Enterprise.Key, "/api/monitoring/ledger?window=24h");
        if (answer.Status != HttpStatusCode.OK)
            return answer.Text;
        var totals = answer.Json.GetProperty("totals");
        return $"stored {totals.GetProperty("stored")}, in flight {totals.GetProperty("in_flight")}, missing {totals.GetProperty("missing")}";
    }

    private async Task<string> HealthAsync()
    {
        var answer = await _api.GetAsync(DemoKeys.Enterprise.Key, "/api/monitoring/health");
        if (answer.Status != HttpStatusCode.OK)
            return answer.Text;
        var all = answer.Json.GetProperty("stages").EnumerateArray().Select(stage => (Name: stage.GetProperty("stage").GetString(), Health: stage))
            .Concat(answer.Json.GetProperty("services").EnumerateArray().Select(service => (Name: service.GetProperty("service").GetString(), Health: service)));
        return string.Join(", ", all.Where(each => each.Health.TryGetProperty("instances", out _)).Select(each =>
            $"{each.Name} {each.Health.GetProperty("state")} {each.Health.GetProperty("instances").GetProperty("ok")}/{each.Health.GetProperty("instances").GetProperty("known")}"));
    }
}
