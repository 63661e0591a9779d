using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using SegOps.Contracts;
using SegOps.Ingestion.Audit;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class EventAuditTests : IDisposable
{
    private const string Event = """{"user_id":"u","event_type":"t"}""";
    private const string SameId = """{"user_id":"u","event_type":"t","event_id":"0190163d-8694-739b-aea5-966c26f8ad91"}""";
    private static readonly RequestError Malformed = new(ErrorCodes.MalformedJson, "x");
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IngestionTelemetry _telemetry;
    private readonly EventAudit _audit;

    public EventAuditTests()
    {
        _telemetry = new(_services.GetRequiredService<IMeterFactory>(), NullLogger<IngestionTelemetry>.Instance);
        _audit = new(_telemetry);
    }

    [Fact]
    public void Answered_EventsOfARequest_CountInTheMinuteThatReceivedThem()
    {
        Answer(Event, Event);

        var (key, _) = Assert.Single(_audit.Take(10));
        Assert.Equal(new(new DateTime(2025, 6, 15, 12, 30, 0, DateTimeKind.Utc), Environments.Live, Parse.Metadata.ProjectId), key);
    }

    [Fact]
    public void Answered_IdTwiceInABatch_IsOneEvent()
    {
        Answer(SameId, SameId, Event);

        Assert.Equal(new(2, 0), Taken());
    }

    [Fact]
    public void Answered_EventWithSeveralFaults_IsRejectedOnce()
    {
        Answer(Event, "{}", "{}");

        Assert.Equal(new(1, 2), Taken());
    }

    [Fact]
    public void Refused_WholeRequest_IsRejectedOnce()
    {
        _audit.Refused(Parse.Metadata, parsed: null);

        Assert.Equal(new(0, 1), Taken());
    }

    [Fact]
    public void Refused_BesideFaultsOfItsEvents_CountsThoseToo()
    {
        using var parsed = Parsed(Event, "{}");

        _audit.Refused(Parse.Metadata, parsed);

        Assert.Equal(new(0, 2), Taken());
    }

    [Fact]
    public void Refused_ByTheCanary_IsNotCounted()
    {
        _audit.Refused(Parse.Metadata with { ProjectId = Canary.ProjectId });

        Assert.Empty(_audit.Take(10));
    }

    [Fact]
    public void Take_MoreCameAfterwards_IsOnlyWhatIsNew()
    {
        Answer(Event);
        _audit.Take(10);

        Answer(Event, Event);

        Assert.Equal(new(2, 0), Taken());
    }

    [Fact]
    public void Take_NothingCameAfterwards_IsEmpty()
    {
        Answer(Event);
        _audit.Take(10);

        Assert.Empty(_audit.Take(10));
    }

    [Fact]
    public void Take_FewerThanThereAre_LeavesTheOthers()
    {
        Answer(Event);
        _audit.Refused(Parse.Metadata with { ProjectId = "another" });

        Assert.Equal((1, 1), (_audit.Take(1).Count, _audit.Take(10).Count));
    }

    [Fact]
    public void Answered_OverCapacity_IsLeftOutAndTold()
    {
        using var uncounted = new MetricCollector<long>(_services.GetRequiredService<IMeterFactory>(), IngestionTelemetry.Name, "segops.ledger.uncounted");
        for (var i = 0; i < EventAudit.Capacity; i++)
            _audit.Refused(Parse.Metadata with { ProjectId = $"project_{i}" });

        Answer(Event, Event, "{}");

        Assert.Equal(3, Assert.Single(uncounted.GetMeasurementSnapshot()).Value);
    }

    public void Dispose()
    {
        _telemetry.Dispose();
        _services.Dispose();
    }

    private void Answer(params string[] events)
    {
        using var parsed = Parsed(events);
        _audit.Answered(parsed);
    }

    private ReceivedCount Taken() => Assert.Single(_audit.Take(10)).Value;

    private static ParsedRequest Parsed(params string[] events) =>
        TrackParser.Parse(Encoding.UTF8.GetBytes($$"""{"events":[{{string.Join(',', events)}}]}"""), Parse.Metadata, isBatch: true).Request!;
}
