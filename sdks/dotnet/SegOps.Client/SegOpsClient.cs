using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace SegOps.Client;

/// <summary>
/// A client without a host: for console programs, functions and tools. Make one for the process and share it. Programs with dependency
/// injection call <c>services.AddSegOps(…)</c> and take an <see cref="ISegOpsClient"/>.
/// </summary>
public sealed class SegOpsClient : ISegOpsClient
{
    /// <summary>The name of the HTTP client that <c>AddSegOps</c> registers, for example to set a proxy.</summary>
    public const string HttpClientName = "SegOps";

    private const string IdentifyType = "context_identified";

    /// <summary>How long a shutdown waits for callbacks that are still to be called. A callback that blocks must not hold it up.</summary>
    private static readonly TimeSpan CallbackGrace = TimeSpan.FromSeconds(1);

    private readonly SegOpsOptions _options;
    private readonly Clock _clock;
    private readonly EventIds _ids = new();
    private readonly EventEncoder _encoder;
    private readonly Reporter _reporter;
    private readonly EventQueue _queue;
    private readonly ClientMeter _meter;
    private readonly Sender _sender;
    private readonly HttpClient? _ownHttp;
    private readonly Task _sending = Task.CompletedTask;
    private readonly object _shutdownLock = new();
    private Task<FlushResult>? _shutdown;

    /// <summary>Makes a client and starts its sender, which uses no thread of its own.</summary>
    /// <param name="options">The settings, which are copied.</param>
    /// <param name="httpClient">Sends the requests. Must not follow redirects, must not time out before
    /// <see cref="SegOpsOptions.RequestTimeout"/>, and is not disposed. Default: one of the client's own.</param>
    /// <param name="logger">Gets counts, codes and ids, and never what an event holds. Default: none.</param>
    /// <param name="timeProvider">The clock and its timers. Default: the system's.</param>
    /// <exception cref="OptionsValidationException">An option is missing or out of its range.</exception>
    public SegOpsClient(
        SegOpsOptions options,
        HttpClient? httpClient = null,
        ILogger<SegOpsClient>? logger = null,
        TimeProvider? timeProvider = null)
        : this(options, httpClient is null ? null : () => httpClient, logger, timeProvider, meters: null)
    {
    }

    internal SegOpsClient(
        SegOpsOptions options,
        Func<HttpClient>? httpClients,
        ILogger<SegOpsClient>? logger,
        TimeProvider? timeProvider,
        System.Diagnostics.Metrics.IMeterFactory? meters,
        Func<double>? random = null)
    {
        _options = (options ?? throw new ArgumentNullException(nameof(options))).Copy();
        if (new SegOpsOptionsValidator().Validate(null, _options) is { Failed: true } result)
        {
            throw new OptionsValidationException(nameof(SegOpsOptions), typeof(SegOpsOptions), result.Failures);
        }

        _ownHttp = httpClients is null ? HttpHandlers.NewClient() : null;
        _clock = new Clock(timeProvider ?? TimeProvider.System);
        _encoder = new EventEncoder(_options.PayloadJson);
        _reporter = new Reporter(_options, logger ?? NullLogger<SegOpsClient>.Instance, _clock);
        _queue = new EventQueue(_options, _clock, _reporter);
        _meter = new ClientMeter(meters, _queue.Stats);
        var transport = new Transport(_options, _clock, httpClients ?? (() => _ownHttp!), _meter);
        _sender = new Sender(_options, _clock, _queue, transport, _reporter, new Pace(_options, _clock, random ?? Pace.SecureRandom));
        if (_options.Enabled)
        {
            _sending = StartDetached(_sender.RunAsync);
        }
    }

    /// <inheritdoc/>
    public Guid Track(string userId, string eventType, object? payload = null, DateTimeOffset? occurredAt = null, Guid? eventId = null)
    {
        var now = _clock.UtcNow;
        var id = eventId ?? _ids.Next(now);
        if (!_options.Enabled)
        {
            return id;
        }

        var time = occurredAt ?? now;
        var fault = EventRules.Check(userId, eventType, id, time, now);
        byte[]? json = null;
        if (fault is null)
        {
            (json, fault) = _encoder.Encode(id, userId, eventType, time, payload);
        }

        if (fault is not null)
        {
            _queue.Refuse(new EventDrop
            {
                EventId = id,
                EventType = eventType ?? "",
                Reason = fault.Reason,
                Code = fault.Code,
                Field = fault.Field,
                Message = fault.Message,
            });
            return id;
        }

        var snakeCase = EventRules.IsSnakeCase(eventType);
        _queue.Add(new QueuedEvent(id, eventType, json!, warnedOfType: !snakeCase));
        if (!snakeCase)
        {
            _reporter.Warned(new EventWarning
            {
                EventId = id,
                EventType = eventType,
                Field = "event_type",
                Code = EventRules.NotSnakeCase,
                Message = "event_type should be snake_case, such as order_placed: words of a-z and 0-9 joined by underscores.",
            });
        }

        return id;
    }

    /// <inheritdoc/>
    public Guid Identify(string userId, object traits, DateTimeOffset? occurredAt = null, Guid? eventId = null) =>
        Track(userId, IdentifyType, traits, occurredAt, eventId);

    /// <inheritdoc/>
    public async Task<FlushResult> FlushAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = _queue.Flush();
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => cancelled.TrySetResult(true)))
        {
            await _clock.WaitUntilAsync(Task.WhenAny(waiter.Decided, cancelled.Task), _clock.After(timeout ?? _options.ShutdownTimeout))
                .ConfigureAwait(false);
        }

        var result = _queue.End(waiter);
        if (result.Remaining > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return result;
    }

    /// <inheritdoc/>
    public Task<FlushResult> ShutdownAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        lock (_shutdownLock)
        {
            return _shutdown ??= StopAsync(timeout ?? _options.ShutdownTimeout, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public SegOpsStats GetStats() => _queue.Stats();

    /// <summary>Shuts the client down and waits for it: at most <see cref="SegOpsOptions.ShutdownTimeout"/>.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Shuts the client down, at most <see cref="SegOpsOptions.ShutdownTimeout"/> long.</summary>
    public async ValueTask DisposeAsync() => await ShutdownAsync().ConfigureAwait(false);

    private async Task<FlushResult> StopAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _sender.StopAt(_clock.After(timeout));
        var waiter = _queue.Flush(close: true);
        var aborted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => aborted.TrySetResult(true)))
        {
            await _clock.WaitUntilAsync(Task.WhenAny(_sending, aborted.Task), _clock.After(timeout)).ConfigureAwait(false);
        }

        // A handler that ignores its cancellation must not hold this up, so the request is not awaited.
        _sender.Abort();
        _queue.DropAll();
        var result = _queue.End(waiter);
        await _clock.WaitUntilAsync(_reporter.DrainAsync(), _clock.After(CallbackGrace)).ConfigureAwait(false);
        _meter.Dispose();
        _sender.Dispose();
        _ownHttp?.Dispose();
        return result;
    }

    /// <summary>Starts a task that does not keep the caller's trace, user or culture.</summary>
    private static Task StartDetached(Func<Task> run)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(run);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(run);
        }
    }
}
