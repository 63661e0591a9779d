using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.PubSub.Publishing;

namespace SegOps.Ingestion.Publishing;

/// <summary>
/// Publishes rejections for the list of errors, in the background and as well as it can: the client has been told already, so an
/// answer never waits for it. What does not fit the buffer or is not taken by Pub/Sub is dropped and counted.
/// </summary>
internal sealed class RejectionQueue(
    [FromKeyedServices(Streams.RejectionsTopic)] Publisher publisher,
    MessageCompressor compressor,
    IOptions<RejectionOptions> options,
    IngestionTelemetry telemetry) : BackgroundService
{
    /// <summary>Messages in flight: the publisher sends what comes within its 10 ms in one call.</summary>
    private const int Concurrency = 16;

    private readonly Channel<Rejection> _waiting = Channel.CreateBounded<Rejection>(options.Value.Buffer);

    /// <summary>Hands in <paramref name="rejection"/>, if there is one; returns at once.</summary>
    public void Add(Rejection? rejection)
    {
        if (rejection is not null && !_waiting.Writer.TryWrite(rejection))
            telemetry.RejectionDropped(rejection);
    }

    /// <summary>Publishes what waits, then ends.</summary>
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
        using var activity = telemetry.StartRejection(rejection);
        try
        {
            var lines = new ArrayBufferWriter<byte>();
            var count = RejectionRows.Write(rejection, lines);
            await publisher.PublishAsync(
                new OutgoingMessage(compressor.Compress(lines.WrittenSpan), EventPublisher.Attributes(rejection.Stamp, count)), CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Whatever it is, the next rejection is worth its own attempt.
            telemetry.RejectionNotPublished(rejection, exception);
        }
    }
}
