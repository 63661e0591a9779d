using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SegOps.ServiceDefaults.Health;

namespace SegOps.ServiceDefaults.Telemetry;

/// <summary>OpenTelemetry for a service: see docs/telemetry.md for the catalogue of what it emits.</summary>
public static class TelemetryExtensions
{
    /// <summary>Every source and meter of ours is named below this, so that none can be forgotten.</summary>
    private const string OwnNames = "SegOps.*";

    /// <summary>Logs to the console, and logs, traces and metrics over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.AddLogs();

        // A query string can hold a user id. Aspire's app host asks for it in full.
        builder.Configuration.AddInMemoryCollection(
        [
            new("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "false"),
            new("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "false"),
        ]);

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                ServiceName(builder), serviceNamespace: "segops", ServiceVersion, autoGenerateServiceInstanceId: !HasInstanceId(builder)))
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(OwnNames))
            .WithTracing(tracing => tracing
                .AddSource(OwnNames)
                .AddAspNetCoreInstrumentation(options => options.Filter = IsNotProbe)
                .AddHttpClientInstrumentation());

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();

        return builder;
    }

    private static string ServiceVersion => Assembly.GetEntryAssembly()?.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Whether the host names this instance, as the Aspire app host does to tie what it sends to its resource; ours would win over that.</summary>
    private static bool HasInstanceId(IHostApplicationBuilder builder) =>
        builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.instance.id=", StringComparison.Ordinal) == true;

    private static string ServiceName(IHostApplicationBuilder builder) =>
        builder.Configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName.Replace("SegOps.", "", StringComparison.Ordinal).ToLowerInvariant();

    private static void AddLogs(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        builder.Logging.AddConsole(console => console.FormatterName = LineFormatter.FormatterName);

        // These write request targets at Information, where a query string can hold a user id, or faults that their callers handle.
        foreach (var category in (string[])["Grpc", "Microsoft.AspNetCore", "System.Net.Http", "Yarp", "Polly"])
            builder.Logging.AddFilter(category, LogLevel.Warning);

        // Every probe of a service that is still starting would be an error; the answer to the probe says what is wrong.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
    }

    private static bool IsNotProbe(HttpContext context) => !HealthEndpoints.IsProbe(context.Request.Path);
}
