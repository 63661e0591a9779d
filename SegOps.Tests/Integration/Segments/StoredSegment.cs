using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;
using SegOps.Segments.Api;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.Gateway;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Segments behind the gateway, and a segment whose members are the users of the OpenAPI document's examples, for the tests of one class.</summary>
public sealed class StoredSegment(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    /// <summary>Those that the document's requests name.</summary>
    private static readonly string[] Users = ["https://example.com/users/123", "user-123"];

    private WarehouseTables _tables = null!;
    private OwnRedis _redis = null!;

    internal SegmentsUnderTest Segments { get; private set; } = null!;

    internal GatewayUnderTest Gateway { get; private set; } = null!;

    /// <summary>A key of the segment's project.</summary>
    internal string Key { get; private set; } = "";

    internal Guid Id { get; private set; }

    /// <summary>The cursor before the users entered.</summary>
    internal string Cursor { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _tables = await clickHouse.NewTablesAsync();
        _redis = await OwnRedis.StartAsync();
        (Key, var project) = await KeyIssuer.IssueAsync(_redis.ConnectionString);
        Segments = await SegmentsUnderTest.StartAsync(_tables.ConnectionString, _redis.ConnectionString, project: project);
        Gateway = await GatewayUnderTest.StartAsync(_redis.ConnectionString, Segments.Client.BaseAddress!.ToString());
        Id = await Segments.CreateAsync();
        await Segments.PassesUntilAsync("ready", async () => (await Segments.JsonAsync(HttpMethod.Get, $"{Id}")).GetProperty("state").GetString());
        Cursor = (await Segments.JsonAsync(HttpMethod.Get, $"{Id}/changes")).GetProperty("next_cursor").GetString()!;
        await IdentifyAsync("another", """{"plan":5}""");
        foreach (var user in Users)
            await IdentifyAsync(user, """{"plan":"starter","email":"ada@example.com"}""");
        await Segments.PassesUntilAsync(string.Join(", ", Users), () => Segments.MembersAsync(Id));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Segments.DisposeAsync();
        await _redis.DisposeAsync();
        _tables.Dispose();
    }

    private Task<Guid> IdentifyAsync(string user, string traits) =>
        _tables.AddEventAsync(Segments.Project, TimeProvider.System.GetUtcNow(), userId: user, eventType: EventColumns.IdentifyType, payload: traits);

    /// <summary>A key of a project that has the most segments that it may have.</summary>
    internal async Task<string> FullAsync()
    {
        var (key, project) = await KeyIssuer.IssueAsync(_redis.ConnectionString);
        for (var number = 0; number < Definitions.MostSegments; number++)
        {
            using var created = await Segments.SendAsync(HttpMethod.Post, body: SegmentsUnderTest.Body(SegmentsUnderTest.Starter), project: project);
            Assert.True(created.IsSuccessStatusCode);
        }
        return key;
    }

    /// <summary>A key of a project that computes the most previews that it may compute.</summary>
    internal async Task<string> BusyAsync()
    {
        var (key, project) = await KeyIssuer.IssueAsync(_redis.ConnectionString);
        for (var number = 0; number < PreviewPlaces.Most; number++)
            Assert.True(await new RedisLease(Segments.Services.GetRequiredService<RedisConnection>(), RedisKeys.SegmentPreview(project, number), TimeSpan.FromMinutes(10)).HoldAsync());
        return key;
    }
}
