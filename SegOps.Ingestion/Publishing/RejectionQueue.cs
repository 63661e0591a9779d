using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.PubSub.Publishing;

namespace SegOps.Ingestion.Publishing;

/// <summary>
/// Publishes rejections for the list of errors, in the background. The client already has them in its answer, which never waits for this. A
/// rejection that the buffer has no room for, or that Pub/Sub does not take, is dropped and counted.
/// </summary>
internal sealed class RejectionQueue(
    [FromKeyedServices(Streams.RejectionsTopic)] Publisher publisher,
    MessageCompressor compressor,
    IOptions<RejectionOptions> options,
    IngestionTelemetry telemetry) : BackgroundService
{
    /// <summary>Messages in flight. The publisher sends the messages of 10 ms in one call.</summary>
    private const int Concurrency = 16;

    private readonly Channel<Rejection> _waiting = Channel.CreateBounded<Rejection>(options.Value.Buffer);

    /// <summary>Adds <paramref name="rejection"/>, if there is one; returns at once.</summary>
    public void Add(Rejection? rejection)
    {
        if (rejection is not null && !_waiting.Writer.TryWrite(rejection))
            telemetry.RejectionDropped(rejection.Metadata, rejection.Count);
    }

    /// <summary>Publishes the waiting rejections, then ends.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        return ExecuteTask?.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Parallel.ForEachAsync(
        _waiting.Reader.ReadAllAsync(CancellationToken.None),
        new ParallelOptions { MaxDegreeOfParallelism = Concurrency },
        (rejection, _) => PublishAsync(rejection));

    private async ValueTask PublishAsync(Rejection rejection)
    {
        using var activity = telemetry.StartRejection(rejection.Trace);
        try
        {
            var lines = new ArrayBufferWriter<byte>();
            rejection.WriteRows(lines);
            await publisher.PublishAsync(
                new OutgoingMessage(compressor.Compress(lines.WrittenSpan), EventPublisher.Attributes(rejection.Metadata, rejection.Count)),
                CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Any failure concerns this rejection only. The next one gets its own attempt.
            telemetry.RejectionNotPublished(rejection.Metadata, rejection.Count, exception);
        }
    }
}

/// <summary>Configuration section <c>Rejections</c>.</summary>
internal sealed class RejectionOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Rejections";

    /// <summary>
    /// How many requests' rejections may wait to be published before more are dropped and counted; default 500, 1 to 100,000. Each holds
    /// about 40 bytes an error, at most 3,500 errors, at most 34 KB of samples, and at most 20 KB of event ids.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = "Rejections:Buffer must be between 1 and 100000.")]
    public int Buffer { get; set; } = 500;
}
