package ai.segops

/** Why the client gave up an event. Each dropped event has exactly one reason. */
public enum class DropReason(
    /** The reason as documents and other SegOps SDKs spell it. */
    public val code: String,
) {
    /** The queue had no room. Nothing that was accepted into the queue is evicted for it. */
    QUEUE_FULL("queue_full"),

    /** The event breaks a rule of the API, or its payload cannot be written as JSON. */
    INVALID("invalid"),

    /** The payload is over 32,768 bytes, or the server refused the event alone as too large. */
    TOO_LARGE("too_large"),

    /** The server rejected the event. Counted in [ClientStats.rejected], not in [ClientStats.dropped]. */
    REJECTED("rejected"),

    /** The event could not be delivered within `maxEventAgeMs`. */
    EXPIRED("expired"),

    /** The deadline of the shutdown passed before the event was delivered. */
    SHUTDOWN("shutdown"),

    /** The event was tracked after the shutdown began. */
    CLOSED("closed"),

    /** The deadline of the shutdown passed, and a disk error kept the event from being stored. */
    STORAGE("storage"),
}

/** An event that will not be delivered, as `onDrop` gets it. It never holds the payload or the user id. */
public class DroppedEvent internal constructor(
    /** The id that `track` returned. */
    public val eventId: String,
    /** The event's name, as it was given. */
    public val eventType: String,
    /** Why it was dropped. */
    public val reason: DropReason,
    /** The HTTP status of the answer that decided, or null if the client decided alone. */
    public val status: Int? = null,
    /** The index of the event in the batch that was sent, if the server named it. */
    public val index: Int? = null,
    /** The code of the error, such as `too_long` or `payload_too_deep`. */
    public val code: String? = null,
    /** The field that is wrong, such as `user_id`. */
    public val field: String? = null,
    /** What is wrong, for a person to read. */
    public val message: String? = null,
) {
    override fun toString(): String = "DroppedEvent(eventId=$eventId, reason=${reason.code}, status=$status, field=$field, code=$code)"
}

/** What a [ClientError] concerns. */
public enum class ErrorKind(
    /** The kind as documents and other SegOps SDKs spell it. */
    public val code: String,
) {
    /** The key, the URL or a proxy: 401, 403, 404, 405 or a redirect. The client holds the events and probes with one. */
    CONFIGURATION("configuration"),

    /** The events of the month, or of the day with a test key, are used up. The client holds the events and probes with one. */
    QUOTA("quota"),

    /** The disk refused to store events. They stay in memory and are delivered from there. */
    STORAGE("storage"),
}

/** A condition that needs a person, as `onError` gets it: once for each episode. No event is lost by it at once. */
public class ClientError internal constructor(
    /** What it concerns. */
    public val kind: ErrorKind,
    /** The HTTP status, or null without an answer. */
    public val status: Int?,
    /** The code of the answer, such as `quota_exceeded`, or null if none was readable. */
    public val code: String?,
    /** What is wrong and what the client does, for a person to read. */
    public val message: String,
) {
    override fun toString(): String = "ClientError(kind=${kind.code}, status=$status, code=$code)"
}

/** A warning about an event that is delivered nevertheless, as `onWarning` gets it. */
public class EventWarning internal constructor(
    /** The id that `track` returned, or null if the warning concerns the batch. */
    public val eventId: String?,
    /** The field that it concerns, such as `event_type`. */
    public val field: String?,
    /** The code, such as `event_type_not_snake_case`. */
    public val code: String?,
    /** What is unusual, for a person to read. */
    public val message: String?,
) {
    override fun toString(): String = "EventWarning(eventId=$eventId, field=$field, code=$code)"
}

/** What became of the events that a flush or shutdown covers. */
public class FlushResult internal constructor(
    /** Events that the server accepted. */
    public val accepted: Long,
    /** Events that the server rejected. */
    public val rejected: Long,
    /** Events that were dropped for any reason but [DropReason.REJECTED]. */
    public val dropped: Long,
    /** Events that are not decided: queued, or sent without an answer yet. After a shutdown: kept on disk. */
    public val remaining: Long,
    /** How long the call took, in milliseconds. */
    public val elapsedMs: Long,
) {
    override fun toString(): String =
        "FlushResult(accepted=$accepted, rejected=$rejected, dropped=$dropped, remaining=$remaining, elapsedMs=$elapsedMs)"
}

/**
 * Counts since the client was made. At every moment
 * `tracked = accepted + rejected + dropped + queued + inFlight`.
 */
public class ClientStats internal constructor(
    /** Calls of `track` and `identify`, and events found on disk. */
    public val tracked: Long,
    /** Events that the server accepted. */
    public val accepted: Long,
    /** Events that the server rejected. */
    public val rejected: Long,
    /** Events that were dropped for any reason but [DropReason.REJECTED]. */
    public val dropped: Long,
    /** Events that wait. */
    public val queued: Long,
    /** Events of the request that is under way. */
    public val inFlight: Long,
    /** The parts of [dropped], by reason. Reasons without a drop are absent. */
    public val drops: Map<DropReason, Long>,
) {
    override fun toString(): String =
        "ClientStats(tracked=$tracked, accepted=$accepted, rejected=$rejected, dropped=$dropped, queued=$queued, inFlight=$inFlight)"
}
