using System.Collections.Concurrent;
using System.Diagnostics;
using SegOps.Contracts;
using SegOps.Ingestor.Telemetry;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Ingestor;

namespace SegOps.Tests.Integration.Ingestor;

public sealed class TraceTests : IDisposable
{
    private readonly PubSubEmulatorFixture _pubSub;
    private readonly ClickHouseFixture _clickHouse;
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;
    private readonly ActivityTraceId _notSampled = ActivityTraceId.CreateRandom();

    public TraceTests(PubSubEmulatorFixture pubSub, ClickHouseFixture clickHouse)
    {
        (_pubSub, _clickHouse) = (pubSub, clickHouse);
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is IngestorTelemetry.Name or "SegOps.PubSub",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                _notSampled == options.Parent.TraceId ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Message_Stored_IsProcessedInItsRequestsTrace()
    {
        await using var host = await StartAsync();
        using var request = new Activity("request").Start();

        await host.PublishAsync(Rows.Event());

        var process = await SpanAsync($"process {Streams.EventsSubscription}", request.TraceId);
        Assert.Equal(ActivityKind.Consumer, process.Kind);
        Assert.Equal((await SpanAsync("send segops-events", request.TraceId)).SpanId, process.ParentSpanId);
        Assert.NotEqual(ActivityStatusCode.Error, process.Status);
    }

    [Fact]
    public async Task Batch_OfTwoRequests_IsInsertedInTheFirstsTraceAndLinkedWithBoth()
    {
        await using var host = await StartAsync("BatchDelay=00:01:00", "BatchRows=2");
        using var first = new Activity("first").SetParentId(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded).Start();
        await host.PublishAsync(Rows.Event());
        using var second = new Activity("second").SetParentId(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded).Start();
        await host.PublishAsync(Rows.Event());

        var processes = new[]
        {
            await SpanAsync($"process {Streams.EventsSubscription}", first.TraceId),
            await SpanAsync($"process {Streams.EventsSubscription}", second.TraceId),
        };
        await Eventually.TrueAsync(() => Insert(processes) is not null, "the insert's span has ended");
        var insert = Insert(processes)!;

        Assert.Contains(processes, process => insert.ParentSpanId == process.SpanId && insert.TraceId == process.TraceId);
        Assert.Equal(processes.Select(process => process.SpanId).ToHashSet(), insert.Links.Select(link => link.Context.SpanId).ToHashSet());
        Assert.All(processes, process => Assert.Contains(process.Links, link => link.Context.SpanId == insert.SpanId));
    }

    [Fact]
    public async Task Batch_BegunByAMessageThatIsNotSampled_IsInsertedInTheTraceOfTheFirstThatIs()
    {
        await using var host = await StartAsync("BatchDelay=00:01:00", "BatchRows=2");
        using var first = new Activity("first").SetParentId(_notSampled, default, ActivityTraceFlags.None).Start();
        await host.PublishAsync(Rows.Event());
        using var second = new Activity("second").SetParentId(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded).Start();
        await host.PublishAsync(Rows.Event());

        var process = await SpanAsync($"process {Streams.EventsSubscription}", second.TraceId);

        await Eventually.TrueAsync(() => Insert([process]) is { Recorded: true }, "the insert's span has ended in the second's trace");
    }

    [Fact]
    public async Task Message_DeadLettered_MarksItsSpanAsFailed()
    {
        await using var host = await StartAsync();
        using var request = new Activity("request").Start();

        await host.PublishAsync(Streams.EventsTopic, new byte[] { 1, 2, 3 }, Messages.Attributes(1));

        Assert.Equal(ActivityStatusCode.Error, (await SpanAsync($"process {Streams.EventsSubscription}", request.TraceId)).Status);
    }

    private Activity? Insert(Activity[] processes) => _spans.FirstOrDefault(span =>
        span.OperationName.StartsWith("insert ", StringComparison.Ordinal) && processes.Any(process => process.SpanId == span.ParentSpanId));

    private async Task<Activity> SpanAsync(string name, ActivityTraceId trace)
    {
        Activity? Find() => _spans.FirstOrDefault(span => span.OperationName == name && span.TraceId == trace);
        await Eventually.TrueAsync(() => Find() is not null, $"the span '{name}' has ended");
        return Find()!;
    }

    private async Task<IngestorHost> StartAsync(params string[] settings)
    {
        var host = await IngestorHost.StartAsync(await _pubSub.NewProjectAsync(), await _clickHouse.NewTablesAsync(), settings);
        await host.RunningAsync();
        return host;
    }
}
