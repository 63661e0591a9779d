namespace SegOps.Client;

/// <summary>
/// Sends product events to SegOps in batches. All members can be called from any thread. None throws because of an event or of its delivery:
/// an event that is not delivered is reported to <see cref="SegOpsOptions.OnDrop"/> and counted in <see cref="GetStats"/>.
/// </summary>
public interface ISegOpsClient : IDisposable, IAsyncDisposable
{
    /// <summary>
    /// Queues one event. Does no I/O and never blocks. The payload is serialised before the call returns, so later changes of it change
    /// nothing. An event that breaks a rule below is dropped at once, with the reason.
    /// </summary>
    /// <param name="userId">One person's id: 1 to 256 Unicode characters, one of them visible, none of them NUL.</param>
    /// <param name="eventType">What happened, in snake_case, such as <c>order_placed</c>: 1 to 128 Unicode characters without control
    /// characters. Other forms than snake_case cause a warning.</param>
    /// <param name="payload">The event's properties: an object of at most 32,768 bytes of JSON and 10 levels. Dictionaries with string keys,
    /// <c>JsonObject</c> and <c>JsonElement</c> need no reflection. Other objects are serialised with
    /// <see cref="SegOpsOptions.PayloadJson"/>.</param>
    /// <param name="occurredAt">When it happened: from the year 2000 to 24 hours ahead of now. Default: now.</param>
    /// <param name="eventId">The event's id, so that a repetition of the call is counted once. Default: a new UUID of version 7.</param>
    /// <returns>The event's id, also of an event that was dropped.</returns>
    Guid Track(string userId, string eventType, object? payload = null, DateTimeOffset? occurredAt = null, Guid? eventId = null);

    /// <summary>
    /// Sets traits of a user: <see cref="Track"/> of <c>context_identified</c> with the traits as payload. Traits that are not named keep
    /// their values. A trait that is null is unset.
    /// </summary>
    /// <param name="userId">As for <see cref="Track"/>.</param>
    /// <param name="traits">As the payload of <see cref="Track"/>, with at most 200 members.</param>
    /// <param name="occurredAt">From when the traits count. Default: now.</param>
    /// <param name="eventId">As for <see cref="Track"/>.</param>
    /// <returns>The event's id, also of an event that was dropped.</returns>
    Guid Identify(string userId, object traits, DateTimeOffset? occurredAt = null, Guid? eventId = null);

    /// <summary>
    /// Sends what is queued without waiting for the interval. Ends when every event that was tracked before the call is accepted, rejected
    /// or dropped, or when the time is out. Waits that the server asked for are kept.
    /// </summary>
    /// <param name="timeout">How long to wait at most. Default: <see cref="SegOpsOptions.ShutdownTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait. The events stay queued.</param>
    /// <returns>What became of the events that were queued at the time of the call.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<FlushResult> FlushAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Closes the client: events tracked from now on are dropped as <see cref="DropReason.Closed"/>, those queued are sent. At the deadline
    /// the request in flight is aborted, and the rest is dropped as <see cref="DropReason.Shutdown"/>. If the server asked for a pause
    /// beyond the deadline, that happens at once. Later calls return the task of the first.
    /// </summary>
    /// <param name="timeout">The deadline, from now. Default: <see cref="SegOpsOptions.ShutdownTimeout"/>.</param>
    /// <param name="cancellationToken">Moves the deadline to the moment of the cancellation. The call still returns its result.</param>
    /// <returns>What became of the events that were queued at the time of the call.</returns>
    Task<FlushResult> ShutdownAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>The client's counters, all read at one moment.</summary>
    SegOpsStats GetStats();
}
