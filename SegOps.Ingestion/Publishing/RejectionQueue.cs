using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Telemetry;
using SegOps.PubSub.Publishing;

namespace SegOps.Ingestion.Publishing;

/// <summary>
/// Publishes rejections for the list of errors, in the background. The answer also contains them, and never waits for this. A
/// rejection of a project with too many of them is added up, and a rejection is dropped and counted if the buffer is full or Pub/Sub does not accept it.
/// </summary>
internal sealed class RejectionQueue(
    [FromKeyedServices(Streams.RejectionsTopic)] Publisher publisher,
    MessageCompressor compressor,
    IOptions<RejectionOptions> options,
    RejectionFold fold,
    TimeProvider clock,
    IngestionTelemetry telemetry) : BackgroundService
{
    /// <summary>Messages in flight. The publisher sends the messages of 10 ms in one call.</summary>
    private const int Concurrency = 16;

    /// <summary>Pause between two messages with sums.</summary>
    private static readonly TimeSpan SumInterval = TimeSpan.FromSeconds(5);

    private readonly Channel<Rejection> _waiting = Channel.CreateBounded<Rejection>(options.Value.Buffer);

    /// <summary>Adds <paramref name="rejection"/> if it is not null; returns at once.</summary>
    public void Add(Rejection? rejection)
    {
        if (rejection is not null && fold.Take(rejection) is { } listed)
            Enqueue(listed);
    }

    /// <summary>Publishes the queued rejections, then ends.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        AddSums();
        _waiting.Writer.TryComplete();
        return ExecuteTask?.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var sums = clock.CreateTimer(_ => AddSums(), null, SumInterval, SumInterval);
        await Parallel.ForEachAsync(
            _waiting.Reader.ReadAllAsync(CancellationToken.None),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency },
            (rejection, _) => PublishAsync(rejection));
    }

    private void AddSums()
    {
        foreach (var sums in fold.TakeSums())
            Enqueue(sums);
    }

    private void Enqueue(Rejection rejection)
    {
        if (!_waiting.Writer.TryWrite(rejection))
            telemetry.RejectionDropped(rejection.Metadata, rejection.Count);
    }

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
            // A failure concerns only this rejection.
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
    /// Maximum number of queued requests; the rejections of further ones are dropped and counted. Default 500, 1 to 100,000. Each holds
    /// at most 3,500 errors of about 40 bytes, 34 KB of samples, and 20 KB of event ids.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = "Rejections:Buffer must be between 1 and 100000.")]
    public int Buffer { get; set; } = 500;

    /// <summary>
    /// Maximum rows in the list of errors of a project within a minute, from this instance. Further errors and warnings are added up by their codes.
    /// Default 1,000, 1 to 1,000,000.
    /// </summary>
    [Range(1, 1_000_000, ErrorMessage = "Rejections:RowsPerMinute must be between 1 and 1000000.")]
    public int RowsPerMinute { get; set; } = 1_000;
}
