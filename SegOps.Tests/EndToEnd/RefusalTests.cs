using System.Globalization;
using System.Net;
using SegOps.AppHost.Resources.Redis;
using SegOps.Contracts;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class RefusalTests(SystemFixture fixture)
{
    private const string Event = """{"user_id":"u","event_type":"x"}""";

    [Theory]
    [InlineData(Api.Single, """{"user_id":"u",""", ErrorCodes.MalformedJson)]
    [InlineData(Api.Single, "", ErrorCodes.MalformedJson)]
    [InlineData(Api.Single, "[]", ErrorCodes.MalformedJson)]
    [InlineData(Api.Single, """{"user_id":"u"}""", ErrorCodes.ValidationFailed)]
    [InlineData(Api.Batch, """{"events":""", ErrorCodes.MalformedJson)]
    [InlineData(Api.Batch, """{"events":[]}""", ErrorCodes.BatchEmpty)]
    [InlineData(Api.Batch, """{"events":[{"user_id":"u"}]}""", ErrorCodes.ValidationFailed)]
    public Task Post_BadBody_Is400(string path, string body, string code) => IsRefusedAsync(400, code, DemoKeys.Enterprise.Key, path, body);

    [Fact]
    public Task Batch_Of501Events_Is400() => IsRefusedAsync(400, ErrorCodes.BatchTooLarge, DemoKeys.Enterprise.Key, Api.Batch,
        $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Event, 501))}}]}""");

    [Fact]
    public async Task Single_Invalid_NamesEveryFault()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.PostAsync(DemoKeys.Enterprise.Key, Api.Single, """{"user_id":"","occurred_at":"yesterday"}""");

        Assert.Equal(
            ["event_type required", "occurred_at invalid_timestamp", "user_id empty"],
            answer.Json.GetProperty("errors").EnumerateArray()
                .Select(error => $"{error.GetProperty("field").GetString()} {error.GetProperty("code").GetString()}")
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Api.Single, EventLimits.MaxSingleBodyBytes)]
    [InlineData(Api.Batch, EventLimits.MaxBatchBodyBytes)]
    public Task Post_BodyOverItsLimit_Is413(string path, int limit) =>
        IsRefusedAsync(413, ErrorCodes.BodyTooLarge, DemoKeys.Enterprise.Key, path, new string(' ', limit) + Event);

    [Fact]
    public Task Post_NotJson_Is415() => IsRefusedAsync(415, ErrorCodes.UnsupportedMediaType, DemoKeys.Enterprise.Key, Api.Single, "a=b",
        request => request.Content!.Headers.ContentType = new("application/x-www-form-urlencoded"));

    [Fact]
    public Task Post_UnknownEncoding_Is415() => IsRefusedAsync(415, ErrorCodes.UnsupportedMediaType, DemoKeys.Enterprise.Key, Api.Single, Event,
        request => request.Content!.Headers.ContentEncoding.Add("compress"));

    [Theory]
    [InlineData(null, ErrorCodes.MissingApiKey)]
    [InlineData("", ErrorCodes.MissingApiKey)]
    [InlineData("sk_live_...", ErrorCodes.InvalidApiKey)]
    [InlineData("sk_live_DemoFree0000000000000000000000001Qa6Fh", ErrorCodes.InvalidApiKey)]
    public Task Post_MissingOrMalformedKey_Is401(string? key, string code) => IsRefusedAsync(401, code, key, Api.Single, Event);

    [Fact]
    public Task Post_UnknownKey_Is401() =>
        IsRefusedAsync(401, ErrorCodes.InvalidApiKey, ApiKey.Generate(Environments.Live), Api.Batch, $$"""{"events":[{{Event}}]}""");

    [Fact]
    public async Task Post_WithoutKey_SaysHowToAuthenticate()
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.PostAsync(null, Api.Single, Event);

        Assert.Equal("ApiKey", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Get_OnTrack_Is405()
    {
        var system = await fixture.GetAsync();

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await system.Api.GetAsync(DemoKeys.Enterprise.Key, Api.Single)).Status);
    }

    [Fact]
    public async Task Get_UnknownPath_Is404()
    {
        var system = await fixture.GetAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await system.Api.GetAsync(DemoKeys.Enterprise.Key, "/api/nothing/")).Status);
    }

    private async Task IsRefusedAsync(
        int status, string code, string? key, string path, string body, Action<HttpRequestMessage>? change = null)
    {
        var system = await fixture.GetAsync();

        var answer = await system.Api.PostAsync(key, path, body, change);

        Assert.Equal($"{status} {code}", string.Create(CultureInfo.InvariantCulture, $"{(int)answer.Status} {answer.Code}"));
    }
}
