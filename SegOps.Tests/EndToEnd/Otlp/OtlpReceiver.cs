using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SegOps.Tests.EndToEnd.Otlp;

/// <summary>Takes in telemetry as a collector would, over OTLP's gRPC, and keeps it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ReceivedTelemetry _received;

    private OtlpReceiver(WebApplication app, ReceivedTelemetry received)
    {
        _app = app;
        _received = received;
    }

    /// <summary>Value for OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public string Endpoint => _app.Urls.Single();

    public IEnumerable<ReceivedSpan> Spans => _received.Spans;

    /// <summary>Names of the services that have sent metrics, with each metric's name.</summary>
    public IEnumerable<(string Service, string Metric)> Metrics => _received.Metrics;

    /// <summary>Names of the services that have sent logs.</summary>
    public IEnumerable<string> LoggingServices => _received.LoggingServices;

    /// <summary>Every place in what was received where <paramref name="text"/> stands, with what stands before it.</summary>
    public IEnumerable<string> Around(string text) => _received.Raw
        .Select(bytes => (bytes, At: bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text))))
        .Where(found => found.At >= 0)
        .Select(found => Encoding.UTF8.GetString(found.bytes.AsSpan(Math.Max(0, found.At - 400)..(found.At + text.Length))));

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton<ReceivedTelemetry>();

        var app = builder.Build();
        app.MapGrpcService<Traces>();
        app.MapGrpcService<MetricsOfServices>();
        app.MapGrpcService<Logs>();
        await app.StartAsync();
        return new OtlpReceiver(app, app.Services.GetRequiredService<ReceivedTelemetry>());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class Traces(ReceivedTelemetry received) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            received.Raw.Enqueue(request.ToByteArray());
            foreach (var resource in request.ResourceSpans)
                foreach (var span in resource.ScopeSpans.SelectMany(scope => scope.Spans))
                    received.Spans.Enqueue(new(ServiceOf(resource.Resource), span));
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class MetricsOfServices(ReceivedTelemetry received) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            received.Raw.Enqueue(request.ToByteArray());
            foreach (var resource in request.ResourceMetrics)
                foreach (var metric in resource.ScopeMetrics.SelectMany(scope => scope.Metrics))
                    received.Metrics.Enqueue((ServiceOf(resource.Resource), metric.Name));
            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }

    private sealed class Logs(ReceivedTelemetry received) : LogsService.LogsServiceBase
    {
        public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context)
        {
            received.Raw.Enqueue(request.ToByteArray());
            foreach (var resource in request.ResourceLogs)
                received.LoggingServices.Enqueue(ServiceOf(resource.Resource));
            return Task.FromResult(new ExportLogsServiceResponse());
        }
    }

    private static string ServiceOf(Resource resource) =>
        resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue;
}

/// <summary>A span and the service that sent it.</summary>
internal sealed record ReceivedSpan(string Service, Span Span)
{
    public string TraceId => Convert.ToHexStringLower(Span.TraceId.Span);

    /// <summary>Whether it belongs to the trace, or links to a span of it.</summary>
    public bool Concerns(string traceId) =>
        TraceId == traceId || Span.Links.Any(link => Convert.ToHexStringLower(link.TraceId.Span) == traceId);
}

/// <summary>Everything that was received.</summary>
internal sealed class ReceivedTelemetry
{
    public ConcurrentQueue<byte[]> Raw { get; } = new();

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    public ConcurrentQueue<(string Service, string Metric)> Metrics { get; } = new();

    public ConcurrentQueue<string> LoggingServices { get; } = new();
}
