using System.Buffers;
using System.Globalization;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.PubSub;
using SegOps.PubSub.Publishing;

namespace SegOps.Ingestion.Audit;

/// <summary>
/// Publishes what <see cref="EventAudit"/> has counted: twice a second, and a last time at shutdown, after all requests. A report that was not
/// confirmed is published again as it was, with the same id, so that it counts once. New counts wait meanwhile.
/// </summary>
internal sealed class EventAuditPublisher(
    [FromKeyedServices(Streams.ReceivedTopic)] Publisher publisher, MessageCompressor compressor, EventAudit audit, TimeProvider clock,
    IngestionTelemetry telemetry) : BackgroundService
{
    /// <summary>Maximum entries of a message, about 60 bytes each before compression.</summary>
    internal const int MaxEntries = 10_000;

    /// <summary>Attempts at shutdown, each bounded by the publisher's deadline.</summary>
    private const int LastAttempts = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private Report? _unconfirmed;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        for (var attempt = 0; attempt < LastAttempts && !await FlushAsync(cancellationToken); attempt++)
        {
        }
        telemetry.ReceivedUncounted((_unconfirmed?.Events ?? 0) + Events(audit.Take(int.MaxValue)));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // The publisher retries with growing pauses until its deadline.
            await FlushAsync(stoppingToken);
        }
    }

    /// <summary>Publishes all counts.</summary>
    /// <returns>Whether Pub/Sub confirmed.</returns>
    private async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        while ((_unconfirmed ??= Next()) is { } report)
        {
            try
            {
                await publisher.PublishAsync(report.Message, CancellationToken.None).WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is PublishException or ObjectDisposedException or OperationCanceledException)
            {
                return false;
            }
            _unconfirmed = null;
        }

        return true;
    }

    private Report? Next()
    {
        var entries = audit.Take(MaxEntries);
        if (entries.Count == 0)
            return null;
        var lines = new ArrayBufferWriter<byte>();
        var minutes = entries.GroupBy(entry => entry.Key.Minute).ToList();
        foreach (var minute in minutes)
            WriteRow(lines, minute.Key, minute);
        return new(
            new OutgoingMessage(compressor.Compress(lines.WrittenSpan), MessageAttributes.Of(project: "", environment: "", minutes.Count)), Events(entries));
    }

    private static void WriteRow(ArrayBufferWriter<byte> lines, DateTime minute, IEnumerable<KeyValuePair<ReceivedMinute, ReceivedCount>> entries)
    {
        using (var json = new Utf8JsonWriter(lines))
        {
            json.WriteStartObject();
            json.WriteString(ReceivedColumns.Minute, minute.ToString(ReceivedColumns.MinuteFormat, CultureInfo.InvariantCulture));
            json.WriteString(ReceivedColumns.ReportId, Guid.CreateVersion7());
            json.WriteStartArray(ReceivedColumns.Counts);
            foreach (var (key, count) in entries)
            {
                json.WriteStartArray();
                json.WriteStringValue(key.Project);
                json.WriteStringValue(key.Environment);
                json.WriteNumberValue(count.Accepted);
                json.WriteNumberValue(count.Rejected);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        lines.Write("\n"u8);
    }

    private static long Events(List<KeyValuePair<ReceivedMinute, ReceivedCount>> entries) => entries.Sum(entry => entry.Value.Accepted + entry.Value.Rejected);

    private sealed record Report(OutgoingMessage Message, long Events);
}

/// <summary>Adds the event audit.</summary>
internal static class EventAuditExtensions
{
    /// <summary>Adds <see cref="EventAudit"/> and its publisher. The publishing of events adds Pub/Sub.</summary>
    public static IHostApplicationBuilder AddEventAudit(this IHostApplicationBuilder builder)
    {
        builder.AddPublisher(Streams.ReceivedTopic);
        builder.Services.AddSingleton<EventAudit>();
        builder.Services.AddHostedService<EventAuditPublisher>();
        return builder;
    }
}
