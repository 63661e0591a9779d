using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SegOps.ServiceDefaults.Health;

namespace SegOps.ServiceDefaults.Telemetry;

/// <summary>OpenTelemetry and console logs of a service. docs/telemetry.md lists the signals.</summary>
public static class TelemetryExtensions
{
    /// <summary>Matches all sources and meters of SegOps, so that new ones need no registration.</summary>
    private const string OwnNames = "SegOps.*";

    /// <summary>Adds console logs and, if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, logs, traces and metrics over OTLP.</summary>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.AddLogs();

        // A query string can contain a user id. Aspire's app host enables full query strings.
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
                .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = IsNotProbe));

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();

        return builder;
    }

    private static string ServiceVersion => Assembly.GetEntryAssembly()?.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Whether the host set an instance id, as the Aspire app host does. A generated id would replace it.</summary>
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
        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            // The lines that docs/operations.md quotes can be searched for, apostrophes included.
            json.JsonWriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
        var formatter = builder.Configuration["Logging:Console:FormatterName"]
            ?? (builder.Environment.IsDevelopment() ? LineFormatter.FormatterName : ConsoleFormatterNames.Json);
        builder.Logging.AddConsole(console => console.FormatterName = formatter);

        // At Information, these log request targets, whose query can contain a user id, and failures that callers handle.
        foreach (var category in (string[])["Grpc", "Microsoft.AspNetCore", "System.Net.Http", "Yarp", "Polly"])
            builder.Logging.AddFilter(category, LogLevel.Warning);

        // Otherwise each probe of a starting service would log an error. The answer contains the reason.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
    }

    private static bool IsNotProbe(HttpContext context) => !HealthEndpoints.IsProbe(context.Request.Path);

    private static bool IsNotProbe(HttpRequestMessage request) => request.RequestUri is not { } url || !HealthEndpoints.IsProbe(url.AbsolutePath);
}

/// <summary>
/// Writes a log entry for people as one line, for example <c>17:26:28.612 warn RedisConnection: Redis is unavailable ...</c>, with the time in
/// UTC. An exception follows on lines of its own: the framework's single-line formatter puts the whole stack trace on one line, and names
/// the full category and the generated event id. Scopes and attributes go over OTLP only.
/// </summary>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    internal const string FormatterName = "line";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var category = logEntry.Category.AsSpan();
        textWriter.Write(clock.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
        textWriter.Write(Level(logEntry.LogLevel));
        textWriter.Write(category[(category.LastIndexOf('.') + 1)..]);
        textWriter.Write(": ");
        textWriter.WriteLine(logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is not null)
            textWriter.WriteLine(logEntry.Exception);
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => " trce ",
        LogLevel.Debug => " dbug ",
        LogLevel.Information => " info ",
        LogLevel.Warning => " warn ",
        LogLevel.Error => " fail ",
        _ => " crit ",
    };
}
