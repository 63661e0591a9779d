using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;
using SegOps.PubSub.Publishing;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class RejectionQueueTests
{
    [Fact]
    public void Add_BufferFull_DropsAndCounts()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var telemetry = new IngestionTelemetry(meters, NullLogger<IngestionTelemetry>.Instance);
        using var dropped = new MetricCollector<long>(meters, IngestionTelemetry.Name, "segops.rejections.dropped");
        var options = Options.Create(new RejectionOptions { Buffer = 2 });
        // Never started, so that nothing leaves the buffer and no publisher is needed.
        using var queue = new RejectionQueue(
            null!, new MessageCompressor(), options, new RejectionFold(options, TimeProvider.System), TimeProvider.System, telemetry);
        var rejection = Rejection.Of(Parse.Metadata, new RequestError(ErrorCodes.MalformedJson, "x"));

        queue.Add(rejection);
        queue.Add(null);
        queue.Add(rejection);
        Assert.Empty(dropped.GetMeasurementSnapshot());
        queue.Add(rejection);

        var measurement = Assert.Single(dropped.GetMeasurementSnapshot());
        Assert.Equal(1, measurement.Value);
        Assert.Equal("buffer_full", measurement.Tags["segops.reason"]);
    }
}
