using System.Net;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

/// <summary>Plans and keys through the whole system, as an operator and a client see them.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class LimitTests(SystemFixture fixture)
{
    private const string Event = """{"user_id":"u","event_type":"order_placed"}""";

    [Fact]
    public async Task Track_MoreCallsThanThePlanHas_IsRateLimitedWithRetryAfter()
    {
        var system = await fixture.GetAsync();
        var project = await system.Admin.CreateProjectAsync("""{"name":"calls","plan":"enterprise","calls_per_minute":2}""");
        var key = await system.Admin.CreateKeyAsync(project);
        await system.Api.TrackAsync(key, Event);
        await system.Api.TrackAsync(key, Event);

        var answer = await system.Api.PostAsync(key, Api.Single, Event);

        Assert.Equal((HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited), (answer.Status, answer.Code));
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Batch_MoreEventsThanTheMonthHasLeft_IsRefusedWholeAndASmallerOneIsTaken()
    {
        var system = await fixture.GetAsync();
        var project = await system.Admin.CreateProjectAsync("""{"name":"events","plan":"enterprise","events_per_month":5}""");
        var key = await system.Admin.CreateKeyAsync(project);
        await system.Api.TrackBatchAsync(key, Batch(3));

        var refused = await system.Api.PostAsync(key, Api.Batch, Batch(3));
        var taken = await system.Api.TrackBatchAsync(key, Batch(2));

        Assert.Equal((HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded), (refused.Status, refused.Code));
        Assert.Equal(2, refused.Json.GetProperty("remaining").GetInt64());
        Assert.Contains("\"month\";r=0;", taken.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Track_TestKeyOfAProjectWhoseMonthIsUsedUp_IsTaken()
    {
        var system = await fixture.GetAsync();
        var project = await system.Admin.CreateProjectAsync("""{"name":"test keys","plan":"enterprise","events_per_month":1}""");
        await system.Api.TrackAsync(await system.Admin.CreateKeyAsync(project), Event);

        await system.Api.TrackAsync(await system.Admin.CreateKeyAsync(project, Environments.Test), Event);
    }

    [Fact]
    public async Task Track_KeyThatWasRevoked_IsRefused()
    {
        var system = await fixture.GetAsync();
        var project = await system.Admin.CreateProjectAsync("""{"name":"revoked","plan":"free"}""");
        var key = await system.Admin.CreateKeyAsync(project);
        await system.Api.TrackAsync(key, Event);

        await system.Admin.RevokeAllAsync(project);

        await Eventually.IsAsync(ErrorCodes.RevokedApiKey, async () => (await system.Api.PostAsync(key, Api.Single, Event)).Code);
    }

    private static string Batch(int count) => $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Event, count))}}]}""";
}
