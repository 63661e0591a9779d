using SegOps.Conformance.Playing;
using SegOps.Conformance.Scenarios;
using SegOps.Conformance.Sdks;

[assembly: AssemblyFixture(typeof(SegOps.Conformance.RealSystem.AppHost))]

namespace SegOps.Conformance.RealSystem;

/// <summary>Some scenarios again with the real system behind the fake server, which compares its own answers with the real ones.</summary>
public sealed class RealSystemTests(AppHost appHost)
{
    private static readonly int[] Numbers = [1, 2, 3, 5];

    private static readonly Scenario Rejection = new(8, "202 with one of three rejected", RejectionAsync);

    private static IEnumerable<Scenario> Scenarios => [.. AllScenarios.All.Where(scenario => Numbers.Contains(scenario.Number)), Rejection];

    public static TheoryData<string, string> Cases => [.. from sdk in Sdk.Selected from scenario in Scenarios select (sdk.Name, scenario.ToString())];

    [Theory(Explicit = true)]
    [MemberData(nameof(Cases))]
    [Trait("Stage", "system")]
    public async Task Sdk_WithTheRealSystem_StoresItsEvents(string sdk, string scenario)
    {
        if (Sdk.Of(sdk).Toolchain is { } toolchain)
            Assert.SkipUnless(File.Exists(toolchain), $"The toolchain of {sdk} is not installed: {toolchain} does not exist.");
        using var gateway = new Gateway(await appHost.GatewayAsync());
        var stored = new List<string>();

        var played = Scenarios.Single(each => each.ToString() == scenario);
        await Run.PlayAsync(Sdk.Of(sdk), played with { Play = PlayAsync });

        Assert.Empty(gateway.Differences.Distinct());
        foreach (var id in (IEnumerable<string>)[.. stored.Take(1), .. stored.TakeLast(1)])
            await StoredAsync(gateway, id);

        async Task PlayAsync(Run run)
        {
            run.Server.Otherwise = gateway.Forward;
            await played.Play(run);
            await Expect.SoonAsync(() => run.Server.Requests.All(request => request.EndedAt != 0), () => "The gateway did not answer.");
            stored.AddRange(run.Server.AcceptedOf(Sample.Key));
        }
    }

    private static async Task RejectionAsync(Run run)
    {
        var client = await run.NewAsync(new { flushAt = 3, flushIntervalMs = SendingScenarios.Never });
        await client.TrackAsync(Sample.Event);
        var refused = (await client.TrackAsync(new { userId = " ", eventType = Sample.EventType })).Ids[0]!;
        await client.TrackAsync(new { userId = Sample.UserId, eventType = "OrderPlaced" });
        await client.FlushAsync();

        await Expect.SoonAsync(() => client.Drops.Count > 0, () => "The rejected event was not dropped.");
        Expect.Same([refused], client.Drops.Select(drop => drop.Text("event_id")!), "dropped ids");
        Expect.That(client.Drops[0].Text("reason") is "rejected" or "invalid", "The reason is neither the server's nor the SDK's own check.");
        Expect.Equal("empty", client.Drops[0].Text("code"), "code");
        await Expect.SoonAsync(() => client.Warnings.Count > 0, () => "The warning was not reported.");
    }

    private static async Task StoredAsync(Gateway gateway, string id)
    {
        for (var until = DateTimeOffset.UtcNow + Patience.Current; await gateway.StateAsync(id) != "stored"; await Task.Delay(100))
            Assert.True(DateTimeOffset.UtcNow < until, $"Event {id} was not stored.");
    }
}
