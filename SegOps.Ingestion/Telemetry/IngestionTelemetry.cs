using System.Diagnostics;
using System.Diagnostics.Metrics;
using SegOps.Ingestion.Requests;
using SegOps.PubSub.Publishing;

namespace SegOps.Ingestion.Telemetry;

/// <summary>
/// Ingestion's metrics, spans and logs. Metrics are tagged with the environment and our own codes, never with a project, because the number of
/// projects is unbounded, and never with a value that a client sent. The request's span contains the project, to find a customer's requests.
/// </summary>
internal sealed partial class IngestionTelemetry : IDisposable
{
    /// <summary>Name of the source and the meter.</summary>
    public const string Name = "SegOps.Ingestion";

    private readonly ActivitySource _source = new(Name);
    private readonly ILogger<IngestionTelemetry> _logger;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _unpublished;
    private readonly Counter<long> _warnings;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _droppedRejections;
    private readonly Counter<long> _quota;
    private readonly Counter<long> _idsNotStored;
    private readonly Counter<long> _uncounted;
    private readonly Histogram<double> _parseDuration;

    public IngestionTelemetry(IMeterFactory meters, ILogger<IngestionTelemetry> logger)
    {
        _logger = logger;
        var meter = meters.Create(Name);
        _accepted = meter.CreateCounter<long>("segops.events.accepted", "{event}", "Events that Pub/Sub confirmed.");
        _rejected = meter.CreateCounter<long>("segops.events.rejected", "{event}", "Events that validation refused, by their first error.");
        _unpublished = meter.CreateCounter<long>("segops.events.unpublished", "{event}", "Valid events answered 503: Pub/Sub did not confirm them.");
        _warnings = meter.CreateCounter<long>("segops.events.warnings", "{warning}", "Warnings about accepted events.");
        _refused = meter.CreateCounter<long>("segops.requests.refused", "{request}", "Requests refused as a whole.");
        _droppedRejections = meter.CreateCounter<long>("segops.rejections.dropped", "{rejection}", "Requests whose errors and warnings did not reach the list of errors.");
        _quota = meter.CreateCounter<long>("segops.quota.events", "{event}", "Events for which quota was requested, by result.");
        _idsNotStored = meter.CreateCounter<long>("segops.receipts.dropped", "{event}", "Events whose ids were not stored while in flight, so that their status is unknown until they are stored.");
        _uncounted = meter.CreateCounter<long>("segops.ledger.uncounted", "{event}", "Received events that the event audit lacks.");
        _parseDuration = meter.CreateHistogram<double>("segops.parse.duration", "s", "Time to parse and validate one request's body.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1] });
    }

    /// <summary>Records the parsing of a body.</summary>
    public void Parsed(RequestMetadata metadata, TimeSpan duration) => _parseDuration.Record(duration.TotalSeconds, Environment(metadata));

    /// <summary>Records a request that was refused as a whole.</summary>
    public void Refused(RequestMetadata metadata, RequestError error)
    {
        Describe(metadata)?.SetTag("segops.code", error.Code);
        _refused.Add(1, Environment(metadata), Code(error.Code));
    }

    /// <summary>Records a request with a result per event.</summary>
    public void Answered(ParsedRequest parsed)
    {
        Describe(parsed.Metadata)?.SetTag("segops.events.accepted", parsed.Accepted).SetTag("segops.events.rejected", parsed.Rejected);
        var environment = Environment(parsed.Metadata);
        if (parsed.Accepted > 0)
        {
            _accepted.Add(parsed.Accepted, environment);
            foreach (var warning in parsed.WarningTotals)
                _warnings.Add(warning.Occurrences, environment, Code(warning.Code));
        }

        CountRejected(parsed);
    }

    /// <summary>Records a request whose valid events were refused together.</summary>
    public void RefusedValid(ParsedRequest parsed, RequestError error)
    {
        Refused(parsed.Metadata, error);
        CountRejected(parsed);
    }

    /// <summary>Records a request for quota of <paramref name="count"/> events.</summary>
    public void Quota(string environment, string outcome, long count) =>
        _quota.Add(count, new KeyValuePair<string, object?>("segops.environment", environment), new("segops.outcome", outcome));

    /// <summary>Records corrections that did not reach Redis; reconciliation corrects the figures.</summary>
    public void UsageLost(long count)
    {
        if (count == 0)
            return;
        Quota(Contracts.Environments.Live, "lost", Math.Abs(count));
        LogUsageLost(Math.Abs(count));
    }

    /// <summary>Records received events that the event audit lacks. It shows the stored ones as uncounted.</summary>
    public void ReceivedUncounted(long count)
    {
        if (count > 0)
            _uncounted.Add(count);
    }

    /// <summary>Records events that Pub/Sub did not accept.</summary>
    public void NotPublished(ParsedRequest parsed, PublishException exception)
    {
        Describe(parsed.Metadata)?.SetStatus(ActivityStatusCode.Error, exception.Failure.ToString());
        _unpublished.Add(parsed.Accepted, Environment(parsed.Metadata));
        LogNotPublished(parsed.Accepted, parsed.Metadata.RequestId, exception.Failure);
    }

    /// <summary>Records a rejection that did not fit into the buffer.</summary>
    public void RejectionDropped(RequestMetadata metadata, int count) => CountDropped(metadata, count, "buffer_full");

    /// <summary>Records a rejection that Pub/Sub did not accept.</summary>
    public void RejectionNotPublished(RequestMetadata metadata, int count, Exception exception)
    {
        CountDropped(metadata, count, "not_published");
        LogRejectionNotPublished(metadata.RequestId, exception);
    }

    /// <summary>Records events whose ids are not stored while they are in flight.</summary>
    public void IdsNotStored(RequestMetadata metadata, int count, string reason) => _idsNotStored.Add(count, Environment(metadata), new("segops.reason", reason));

    /// <summary>Puts the publishing of a rejection into its request's trace.</summary>
    public Activity? StartRejection(ActivityContext request) => _source.StartActivity("report rejection", ActivityKind.Internal, request);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void CountRejected(ParsedRequest parsed)
    {
        foreach (var (code, count) in parsed.Errors.DistinctBy(error => error.Index).CountBy(error => error.Code))
            _rejected.Add(count, Environment(parsed.Metadata), Code(code));
    }

    private void CountDropped(RequestMetadata metadata, int count, string reason) =>
        _droppedRejections.Add(count, Environment(metadata), new("segops.reason", reason));

    private static Activity? Describe(RequestMetadata metadata) => Activity.Current?
        .SetTag("segops.request.id", metadata.RequestId.ToString())
        .SetTag("segops.project.id", metadata.ProjectId)
        .SetTag("segops.environment", metadata.Environment);

    private static KeyValuePair<string, object?> Environment(RequestMetadata metadata) => new("segops.environment", metadata.Environment);

    private static KeyValuePair<string, object?> Code(string code) => new("segops.code", code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} events of request {RequestId} were answered 503: {Failure}")]
    private partial void LogNotPublished(int count, Guid requestId, PublishFailure failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Quota corrections of {Count} events did not reach Redis")]
    private partial void LogUsageLost(long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The rejections of request {RequestId} did not reach the list of errors")]
    private partial void LogRejectionNotPublished(Guid requestId, Exception exception);
}
