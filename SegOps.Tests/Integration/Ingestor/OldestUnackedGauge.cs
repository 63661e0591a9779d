using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SegOps.Ingestor.Telemetry;

namespace SegOps.Tests.Integration.Ingestor;

/// <summary>Reads the gauge that tells how long the oldest batch has been held, or another gauge of the ingestor.</summary>
internal sealed class OldestUnackedGauge(IServiceProvider services, string name = "segops.ingestor.oldest_unacked.age") : IDisposable
{
    private readonly MetricCollector<double> _collector = new(
        services.GetRequiredService<IMeterFactory>(), IngestorTelemetry.Name, name);

    public double Read()
    {
        _collector.RecordObservableInstruments();
        return _collector.LastMeasurement?.Value ?? 0;
    }

    public void Dispose() => _collector.Dispose();
}
