using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace SegOps.Monitoring.Pipeline;

/// <summary>
/// Checks all stages, and the services before them, periodically. Each has its own loop, so that a hanging one does not delay the others.
/// </summary>
internal sealed partial class PipelineMonitor : BackgroundService
{
    private readonly StageProbe[] _probes;
    private readonly StageHealth[] _stages;
    private readonly PipelineOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PipelineMonitor> _logger;

    public PipelineMonitor(
        IEnumerable<StageProbe> probes, IOptions<PipelineOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<PipelineMonitor> logger)
    {
        _probes = [.. probes];
        _options = options.Value;
        _clock = clock;
        _logger = logger;
        _stages = [.. _probes.Select(probe => StageHealth.Unknown(probe.Stage, clock.GetUtcNow()))];
        var meter = meters.Create("SegOps.Monitoring");
        meter.CreateObservableGauge(
            "segops.pipeline.stage_state",
            () => _stages.Select(stage => new Measurement<int>((int)stage.State, new KeyValuePair<string, object?>("stage", stage.Stage))),
            description: "State of each stage and of each service before the event stream: 0 ok, 1 degraded, 2 down.");
        meter.CreateObservableGauge(
            "segops.pipeline.instances", MeasureInstances, "{instance}",
            "Instances of each service, by whether they are ok. Without those that were stopped on purpose.");
    }

    /// <summary>The results of the last checks.</summary>
    internal PipelineAnswer Current
    {
        get
        {
            var stages = Stages.ToList();
            return new PipelineAnswer(
                stages.Max(stage => stage.State), stages.Min(stage => stage.CheckedAt), stages,
                [.. _stages.Where((_, index) => !_probes[index].IsStage).Select(ServiceHealth.Of)]);
        }
    }

    private IEnumerable<StageHealth> Stages => _stages.Where((_, index) => _probes[index].IsStage);

    /// <summary>The result of the last check of a stage or service.</summary>
    internal StageHealth Of(string name) => _stages.Single(stage => stage.Stage == name);

    /// <summary>Whether all checks of all stages since <paramref name="time"/> have succeeded.</summary>
    internal bool OkSince(DateTimeOffset time) => AreOkSince(Stages, time);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, _probes.Length).Select(index => WatchAsync(index, stoppingToken)));

    private async Task WatchAsync(int index, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var started = _clock.GetTimestamp();
            var result = Judge(index, await CheckAsync(_probes[index], stopping));
            var before = _stages[index];
            _stages[index] = before.After(result, _clock.GetUtcNow(), _clock.GetElapsedTime(started));
            if (result.State != before.State)
                LogChanged(_logger, before.Stage, before.State, result.State, result.Reason ?? "It works.");
            await Task.Delay(_options.ProbeInterval, _clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// A stage that works but holds events is degraded. The stream's backlog is everything that is not stored yet, so it is the
    /// stream's fault only if the other stages have worked for that time.
    /// </summary>
    private StageResult Judge(int index, StageResult result)
    {
        if (result is not { State: StageState.Ok, Backlog.OldestSeconds: var oldest } || oldest <= _options.MaxBacklogAge.TotalSeconds)
            return result;

        var others = _stages.Where((_, other) => other != index && _probes[other].IsStage);
        return _probes[index].Stage == StageProbes.EventStream && !AreOkSince(others, _clock.GetUtcNow() - _options.MaxBacklogAge)
            ? result
            : result with { State = StageState.Degraded, Reason = string.Create(CultureInfo.InvariantCulture, $"It has held events for {oldest:0} s.") };
    }

    private IEnumerable<Measurement<int>> MeasureInstances()
    {
        foreach (var stage in _stages)
            if (stage.Instances is { } instances)
            {
                yield return new(instances.Ok, new("stage", stage.Stage), new("state", "ok"));
                yield return new(instances.Known - instances.Ok, new("stage", stage.Stage), new("state", "not_ok"));
            }
    }

    private static bool AreOkSince(IEnumerable<StageHealth> stages, DateTimeOffset time) =>
        stages.All(stage => stage.State == StageState.Ok && stage.Since <= time);

    private async Task<StageResult> CheckAsync(StageProbe probe, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(_options.ProbeDeadline, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            return await probe.CheckAsync(stop.Token).WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            return new StageResult(StageState.Down, $"It did not answer within {_options.ProbeDeadline.TotalSeconds} s.");
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return new StageResult(StageState.Down, "It cannot be reached.");
        }
        catch (Exception exception)
        {
            // The other stages must still be checked.
            LogFailed(_logger, probe.Stage, exception);
            return new StageResult(StageState.Down, "It returned an invalid answer.");
        }
    }

    [LoggerMessage(LogLevel.Information, "{Stage} went from {Before} to {After}: {Reason}")]
    private static partial void LogChanged(ILogger logger, string stage, StageState before, StageState after, string reason);

    [LoggerMessage(LogLevel.Warning, "Checking {Stage} failed.")]
    private static partial void LogFailed(ILogger logger, string stage, Exception exception);
}

/// <summary>Configuration section <c>Pipeline</c>: the checks of the stages.</summary>
internal sealed class PipelineOptions
{
    internal const string Section = "Pipeline";

    /// <summary>Pause between checks of a stage. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:05:00", ErrorMessage = "Pipeline:ProbeInterval must be from 00:00:00.05 to 00:05:00.")]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Deadline of a check; then the stage is down. Default 3 s, above the probes' own deadlines, whose reasons are more precise.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "Pipeline:ProbeDeadline must be from 00:00:00.1 to 00:01:00.")]
    public TimeSpan ProbeDeadline { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Time without an answer after which an instance of a service counts as stopped on purpose, and no longer degrades the service. Default 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Pipeline:ForgetInstanceAfter must be from 00:00:01 to 1.00:00:00.")]
    public TimeSpan ForgetInstanceAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait of events from which a stage is degraded. Default 10 s, well above the 2 s within which events are queryable.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Pipeline:MaxBacklogAge must be from 00:00:01 to 01:00:00.")]
    public TimeSpan MaxBacklogAge { get; set; } = TimeSpan.FromSeconds(10);
}
