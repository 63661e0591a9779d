using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Health;
using SegOps.Warehouse;

namespace SegOps.Monitoring.DeadLetters;

/// <summary>
/// Reports messages that Pub/Sub has given up and that were not replayed: as degraded health, as a gauge and in the log. They are valid
/// events that customers miss.
/// </summary>
internal sealed partial class ExhaustedMessages : BackgroundService, IHealthCheck
{
    /// <summary>Name of the check in the health answer.</summary>
    internal const string Name = "dead_letters";

    private const string Query = $"""
        SELECT count(), toUnixTimestamp(min(first_seen))
        FROM dead_letters FINAL
        WHERE code = '{DeadLetterCodes.DeliveryAttemptsExhausted}' AND dead_letter_id NOT IN (SELECT dead_letter_id FROM dead_letter_replays)
        SETTINGS max_threads = 1
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly WarehouseReader _warehouse;
    private readonly TimeProvider _clock;
    private readonly ILogger<ExhaustedMessages> _logger;
    private volatile Found _found;

    public ExhaustedMessages(WarehouseReader warehouse, TimeProvider clock, IMeterFactory meters, ILogger<ExhaustedMessages> logger)
    {
        (_warehouse, _clock, _logger) = (warehouse, clock, logger);
        _found = new(0, default, clock.GetUtcNow());
        meters.Create("SegOps.Monitoring").CreateObservableGauge(
            "segops.dead_letters.exhausted", () => _found.Messages, "{message}", "Messages that Pub/Sub has given up and that are not replayed.");
    }

    /// <summary>Counts the messages once.</summary>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        var (messages, first) = (await _warehouse.ReadAsync(
            Query, [], 1, static row => (row.Number(0), row.Number(1)), cancellationToken, Deadline)).Single();
        var before = _found;
        _found = new(messages, DateTimeOffset.FromUnixTimeSeconds(first), messages > 0 == before.Messages > 0 ? before.Since : _clock.GetUtcNow());
        if (messages > before.Messages)
            LogFound(messages, _found.First);
        else if (messages == 0 && before.Messages > 0)
            LogNone();
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (messages, first, since) = _found;
        var data = new Dictionary<string, object> { [HealthData.Since] = since };
        return Task.FromResult(messages == 0
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Degraded(
                string.Create(CultureInfo.InvariantCulture, $"{messages} messages were given up by Pub/Sub since {first:yyyy-MM-dd HH:mm} UTC. Replay the dead letters."),
                data: data));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (WarehouseUnavailableException)
            {
                pause = AfterFailure; // The warehouse's stage reports that nothing can be checked.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }

            await Task.Delay(pause, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed record Found(long Messages, DateTimeOffset First, DateTimeOffset Since);

    [LoggerMessage(LogLevel.Error, "{Messages} messages were given up by Pub/Sub and are not replayed. The first became a dead letter at {First:u}.")]
    private partial void LogFound(long messages, DateTimeOffset first);

    [LoggerMessage(LogLevel.Information, "All messages that Pub/Sub had given up are replayed.")]
    private partial void LogNone();

    [LoggerMessage(LogLevel.Error, "Counting the messages that Pub/Sub has given up failed.")]
    private partial void LogFailed(Exception exception);
}

/// <summary>Adds the alarm.</summary>
internal static class DeadLetterExtensions
{
    /// <summary>Adds <see cref="ExhaustedMessages"/> and its health check.</summary>
    internal static WebApplicationBuilder AddDeadLetterAlarm(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ExhaustedMessages>();
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<ExhaustedMessages>());
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            ExhaustedMessages.Name, static provider => provider.GetRequiredService<ExhaustedMessages>(), failureStatus: null, tags: null));
        return builder;
    }
}
