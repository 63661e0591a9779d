using System.Diagnostics;
using System.Diagnostics.Metrics;
using SegOps.Ingestor.Streaming;
using SegOps.Warehouse;

namespace SegOps.Ingestor.Telemetry;

/// <summary>The ingestor's activity source, meter and instruments; docs/telemetry.md lists them.</summary>
internal sealed class IngestorTelemetry : IDisposable
{
    /// <summary>Name of the source and of the meter.</summary>
    public const string Name = "SegOps.Ingestor";

    private const string TableTag = "db.collection.name";

    private readonly ActivitySource _source = new(Name);
    private readonly TimeProvider _time;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _insertDuration;
    private readonly Histogram<long> _batchRows;
    private readonly Histogram<long> _batchBytes;
    private readonly Histogram<double> _freshness;

    public IngestorTelemetry(IMeterFactory meters, TimeProvider time, HeldBatches held)
    {
        _time = time;
        var meter = meters.Create(Name);
        _rows = meter.CreateCounter<long>("segops.ingestor.rows", "{row}", "Rows stored in their table.");
        _batches = meter.CreateCounter<long>("segops.ingestor.batches", "{batch}", "Batches stored.");
        _deadLetters = meter.CreateCounter<long>("segops.ingestor.dead_letters", "{letter}", "Rows and messages stored in dead_letters.");
        _retries = meter.CreateCounter<long>("segops.ingestor.insert.retries", "{retry}", "Failed attempts at an insert that are retried.");
        _insertDuration = meter.CreateHistogram<double>("segops.ingestor.insert.duration", "s", "Time of an insert, including retries.");
        _batchRows = meter.CreateHistogram<long>("segops.ingestor.batch.rows", "{row}", "Rows of a batch.");
        _batchBytes = meter.CreateHistogram<long>("segops.ingestor.batch.bytes", "By", "Uncompressed bytes of a batch.");
        _freshness = meter.CreateHistogram<double>("segops.ingestor.freshness", "s", "Time from a request's receipt until its rows can be queried.");
        meter.CreateObservableGauge(
            "segops.ingestor.oldest_unacked.age", () => held.OldestAge.TotalSeconds, "s", "Age of the oldest held batch, without late events; 0 if there is none.");
        meter.CreateObservableGauge(
            "segops.ingestor.oldest_late.age", () => held.OldestLateAge.TotalSeconds, "s", "Time since the receipt of the oldest late event that is held; 0 if there is none.");
    }

    /// <summary>Starts the span of a migration, so that its statements share a trace.</summary>
    public Activity? StartMigration() => _source.StartActivity("migrate schema");

    /// <summary>
    /// Starts the span from a message's receipt to its ack, in the trace of its request. It is not the current activity,
    /// because many of them are open at a time.
    /// </summary>
    public Activity? StartProcessing(string subscription, string messageId, ActivityContext parent)
    {
        Activity.Current = null;
        var activity = _source.StartActivity($"process {subscription}", ActivityKind.Consumer, parent)
            ?.SetTag("messaging.system", "gcp_pubsub")
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.subscription.name", subscription)
            .SetTag("messaging.message.id", messageId);
        Activity.Current = null;
        return activity;
    }

    /// <summary>
    /// Starts the span of a batch's insert. Its parent is the span of the first sampled message. It is linked with the spans of all
    /// messages, and each of them with it, so that every request's trace leads to its insert.
    /// </summary>
    public Activity? StartInsert(string database, string table, Batch batch)
    {
        var processing = batch.Deliveries.Select(delivery => delivery.Processing).OfType<Activity>().ToList();
        // With an unsampled parent, such as a canary, the insert would be in no trace.
        var parent = processing.Find(each => each.Recorded) ?? processing.FirstOrDefault();
        var activity = _source.StartActivity(
                $"insert {database}.{table}",
                ActivityKind.Client,
                parent?.Context ?? default,
                links: processing.Select(each => new ActivityLink(each.Context)))
            ?.SetTag("db.system.name", "clickhouse")
            .SetTag("db.operation.name", "INSERT")
            .SetTag("db.namespace", database)
            .SetTag(TableTag, table)
            .SetTag("db.operation.batch.size", batch.Rows)
            .SetTag("segops.batch.bytes", batch.Bytes)
            .SetTag("messaging.batch.message_count", batch.Deliveries.Count);
        // The insert of unsampled requests is not recorded. An activity prevents the call to ClickHouse from starting a trace.
        if (activity is null)
            return parent is null ? null : new Activity(nameof(StartInsert)).SetParentId(parent.TraceId, parent.SpanId).Start();

        foreach (var each in processing)
            each.AddLink(new ActivityLink(activity.Context));
        return activity;
    }

    /// <summary>Records dead letters.</summary>
    public void DeadLettered(string table, string code, int count) => _deadLetters.Add(count, Tag(table), new("segops.code", code));

    /// <summary>Records a successful insert.</summary>
    public void Inserted(string table, TimeSpan duration) => _insertDuration.Record(duration.TotalSeconds, Tag(table));

    /// <summary>Records a failed attempt that is retried.</summary>
    public void Retried(string table) => _retries.Add(1, Tag(table));

    /// <summary>Records a stored batch, of which <paramref name="deadRows"/> rows are dead letters.</summary>
    public void Stored(StreamTarget target, Batch batch, int deadRows)
    {
        var table = target.Table;
        _batches.Add(1, Tag(table));
        _rows.Add(batch.Rows - deadRows, Tag(table));
        _batchRows.Record(batch.Rows, Tag(table));
        _batchBytes.Record(batch.Bytes, Tag(table));

        var now = _time.GetUtcNow();
        foreach (var delivery in batch.Deliveries)
            if (delivery is { Fault: null, RequestReceivedAt: { } received })
                _freshness.Record((now - received).TotalSeconds, Tag(table), new("messaging.destination.subscription.name", target.Subscription));
    }

    public void Dispose() => _source.Dispose();

    private static KeyValuePair<string, object?> Tag(string table) => new(TableTag, table);
}
