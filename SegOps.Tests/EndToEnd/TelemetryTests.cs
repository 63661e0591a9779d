using SegOps.AppHost.Resources.Redis;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class TelemetryTests(SystemFixture fixture)
{
    private static readonly string[] Services = ["gateway", "ingestion", "ingestor", "monitoring", "segments"];

    [Fact]
    public async Task Trace_OfOneRequest_GoesFromTheClientToTheInsert()
    {
        var system = await fixture.GetAsync();
        var traceId = Guid.NewGuid().ToString("N");

        await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, """{"user_id":"u","event_type":"order_placed"}""",
            request => request.Headers.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-01"));

        string[] SpansOf() => [.. system.Telemetry.Spans.Where(span => span.TraceId == traceId).Select(span => $"{span.Service}: {span.Span.Name}")];
        await Eventually.TrueAsync(() => SpansOf() is var spans
            && spans.Contains("gateway: POST /api/ingestion/{**rest}")
            && spans.Any(name => name.StartsWith("ingestion: POST /api/ingestion/track", StringComparison.Ordinal))
            && spans.Contains($"ingestion: send {Streams.EventsTopic}")
            && spans.Contains($"ingestor: process {Streams.EventsSubscription}"),
            () => "the trace has only: " + string.Join(", ", SpansOf()));
        await Eventually.TrueAsync(
            () => system.Telemetry.Spans.Any(span => span.Service == "ingestor" && span.Span.Name.StartsWith("INSERT", StringComparison.OrdinalIgnoreCase) && span.Concerns(traceId)),
            () => "no insert concerns the trace; the ingestor's spans are: "
                + string.Join(", ", system.Telemetry.Spans.Where(span => span.Service == "ingestor").Select(span => span.Span.Name).Distinct()));
    }

    [Fact]
    public async Task Trace_OfOneRequest_HangsTogether()
    {
        var system = await fixture.GetAsync();
        var traceId = Guid.NewGuid().ToString("N");

        await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, """{"user_id":"u","event_type":"order_placed"}""",
            request => request.Headers.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-01"));

        await Eventually.TrueAsync(
            () => system.Telemetry.Spans.Any(span => span.TraceId == traceId && span.Service == "ingestor")
                && Orphans(system, traceId).Count == 0,
            () => "spans whose parent never came: " + string.Join(", ", Orphans(system, traceId)));
    }

    [Fact]
    public async Task Trace_OfCanaries_IsNeverBegun()
    {
        var system = await fixture.GetAsync();
        var traceId = Guid.NewGuid().ToString("N");
        await Eventually.IsAsync(true, async () =>
            (await system.Api.GetAsync(DemoKeys.Free.Key, "/api/monitoring/freshness")).Json.GetProperty("samples").GetInt32() >= 3);

        // What this request has brought about is there, so what the canaries before it would have is there as well.
        await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, """{"user_id":"u","event_type":"order_placed"}""",
            request => request.Headers.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-01"));
        await Eventually.TrueAsync(
            () => Services.Except(["monitoring", "segments"]).All(service => system.Telemetry.Spans.Any(span => span.Service == service && span.TraceId == traceId)),
            () => "the request's trace never came");

        Assert.DoesNotContain(system.Telemetry.Spans, span => span.Span.Attributes.Any(tag => tag.Value.StringValue == Canary.ProjectId));
        Assert.All(
            system.Telemetry.Spans.Where(span => span.Service == "ingestor" && span.Span.Name.StartsWith("process ", StringComparison.Ordinal)),
            span => Assert.Contains(system.Telemetry.Spans, other => other.Service == "ingestion" && other.TraceId == span.TraceId));
    }

    [Fact]
    public async Task Metrics_OfEveryService_Arrive()
    {
        var system = await fixture.GetAsync();

        await Eventually.TrueAsync(
            () => Services.All(service => system.Telemetry.Metrics.Any(metric => metric.Service == service)),
            () => "metrics came only from: " + string.Join(", ", system.Telemetry.Metrics.Select(metric => metric.Service).Distinct()));
    }

    [Fact]
    public async Task Logs_OfEveryService_Arrive()
    {
        var system = await fixture.GetAsync();

        await Eventually.TrueAsync(
            () => Services.All(system.Telemetry.LoggingServices.Contains),
            () => "logs came only from: " + string.Join(", ", system.Telemetry.LoggingServices.Distinct()));
    }

    [Fact]
    public async Task Telemetry_OfAcceptedAndRefusedRequests_HoldsNoKeyAndNothingPersonal()
    {
        var system = await fixture.GetAsync();
        var user = Unique.Name("user-");
        var unknownKey = ApiKey.Generate(Environments.Live);
        var traceId = Guid.NewGuid().ToString("N");

        await system.Api.PostAsync(unknownKey, Api.Single, "{}");
        await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, $$"""{"user_id":"{{user}}","event_type":5}""");
        await system.Api.PostAsync(DemoKeys.Free.Key, Api.Single, $$"""{"user_id":"{{user}}","event_type":"x","payload":{"secret":"{{user}}"} }""", Trace);
        await system.Api.GetAsync(DemoKeys.Free.Key, $"/api/monitoring/events?user_id={user}", Trace);
        await system.Api.GetAsync(DemoKeys.Free.Key, "/api/segments/", Trace);

        // Each service sends its spans in order: what came before its last one is there as well.
        await Eventually.TrueAsync(
            () => Services.All(service => system.Telemetry.Spans.Any(span => span.Service == service && span.TraceId == traceId)),
            () => "the last requests' trace never came");
        string[] secrets = [unknownKey, DemoKeys.Free.Key, user];

        Assert.Empty(secrets.SelectMany(system.Telemetry.Around));
        Assert.DoesNotContain(system.Output, line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));

        void Trace(HttpRequestMessage request) => request.Headers.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-01");
    }

    private static List<string> Orphans(RunningSystem system, string traceId)
    {
        var spans = system.Telemetry.Spans.Where(span => span.TraceId == traceId).ToList();
        var known = spans.Select(span => span.Span.SpanId).ToHashSet();
        return [.. spans
            .Where(span => !known.Contains(span.Span.ParentSpanId) && Convert.ToHexStringLower(span.Span.ParentSpanId.Span) != "00f067aa0ba902b7")
            .Select(span => $"{span.Service}: {span.Span.Name}")];
    }
}
