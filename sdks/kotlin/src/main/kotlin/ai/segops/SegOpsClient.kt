package ai.segops

import ai.segops.internal.Clock
import ai.segops.internal.Engine
import ai.segops.internal.EventEncoder
import ai.segops.internal.SystemClock
import kotlinx.coroutines.future.await
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException

/**
 * Sends events to SegOps in batches, from a queue in memory or on disk.
 *
 * Make one for the whole process. All methods can be called from any thread. [track] and [identify] only write the event into the
 * queue: they do no I/O, do not wait and do not throw. The callbacks of [SegOpsOptions] report what becomes of an event, and [stats]
 * counts it. The client's threads are daemons, so the process can end without [close]. What is queued in memory is lost then.
 *
 * @param options the settings.
 */
public class SegOpsClient(private val options: SegOpsOptions) : AutoCloseable {
    private val clock: Clock = SystemClock
    private val encoder = EventEncoder(clock)
    private val engine = if (options.enabled) Engine(options, clock) else null

    /**
     * Makes a client from settings that are given in place:
     * `SegOpsClient("https://api.segops.ai", "pk_live_...") { flushAt(50) }`.
     *
     * @throws IllegalArgumentException if a setting is wrong.
     */
    @JvmOverloads
    public constructor(
        apiUrl: String,
        apiKey: String,
        configure: SegOpsOptions.Builder.() -> Unit = {},
    ) : this(SegOpsOptions.Builder(apiUrl, apiKey).apply(configure).build())

    /**
     * Queues an event.
     *
     * An event that breaks a limit is dropped as `invalid` or `too_large`, and reported to `onDrop`.
     *
     * @param userId your id of the user: 1 to 256 characters.
     * @param eventType the name of the event in snake_case: 1 to 128 characters without control characters.
     * @param payload properties, at most 32,768 bytes of JSON and 10 levels: strings, numbers, booleans, null, enums, UUIDs, `Instant`,
     * `Date`, maps, iterables and arrays. It is written to JSON before the call returns.
     * @param occurredAt when the event happened: from 2000-01-01 to 24 hours ahead. Default: now.
     * @param eventId a UUID that identifies the event. Events with the same id count once. Default: a new UUID of version 7.
     * @return the id of the event, also if it is dropped.
     */
    @JvmOverloads
    public fun track(
        userId: String,
        eventType: String,
        payload: Map<String, *>? = null,
        occurredAt: Instant? = null,
        eventId: String? = null,
    ): String {
        val event = encoder.encode(userId, eventType, payload, occurredAt, eventId)
        engine?.accept(event)
        return event.id
    }

    /**
     * Queues the event `context_identified`, which sets traits of a user and keeps the others.
     *
     * @param userId your id of the user: 1 to 256 characters.
     * @param traits names and values, with the limits of a payload. A null unsets the trait.
     * @return the id of the event, also if it is dropped.
     */
    @JvmOverloads
    public fun identify(userId: String, traits: Map<String, *>, occurredAt: Instant? = null, eventId: String? = null): String =
        track(userId, "context_identified", traits, occurredAt, eventId)

    /**
     * Sends what is queued and waits until everything that was tracked before the call is decided, or the time is out.
     * It keeps to the server's pauses. If the coroutine is cancelled, the sending continues.
     *
     * @param timeoutMs the longest wait in milliseconds.
     */
    public suspend fun flush(timeoutMs: Long = DEFAULT_FLUSH_TIMEOUT_MS): FlushResult = flushAsync(timeoutMs).await()

    /** [flush] for Java. The future always completes normally. */
    @JvmOverloads
    public fun flushAsync(timeoutMs: Long = DEFAULT_FLUSH_TIMEOUT_MS): CompletableFuture<FlushResult> =
        engine?.flush(timeoutMs) ?: CompletableFuture.completedFuture(FlushResult(0, 0, 0, 0, 0))

    /**
     * Refuses new events, delivers the rest and stops. It ends early if the server asks for a pause beyond the deadline. Then, and at
     * the deadline, the rest is dropped as `shutdown`, or kept on disk if there is persistence. Later calls wait for the first.
     *
     * @param timeoutMs the deadline in milliseconds from now. Default: `shutdownTimeoutMs`.
     */
    public suspend fun shutdown(timeoutMs: Long = options.shutdownTimeoutMs): FlushResult = shutdownAsync(timeoutMs).await()

    /** [shutdown] for Java. The future always completes normally. */
    @JvmOverloads
    public fun shutdownAsync(timeoutMs: Long = options.shutdownTimeoutMs): CompletableFuture<FlushResult> =
        engine?.shutdown(timeoutMs) ?: CompletableFuture.completedFuture(FlushResult(0, 0, 0, 0, 0))

    /** What became of all events so far. The counts are from one moment. */
    public fun stats(): ClientStats = engine?.stats() ?: ClientStats(0, 0, 0, 0, 0, 0, emptyMap())

    /** [shutdown] that blocks the caller, at most a second longer than `shutdownTimeoutMs`. */
    override fun close() {
        try {
            shutdownAsync().get(options.shutdownTimeoutMs + CLOSE_GRACE_MS, TimeUnit.MILLISECONDS)
        } catch (_: InterruptedException) {
            Thread.currentThread().interrupt()
        } catch (_: TimeoutException) {
            // A callback holds the thread that completes the future, or calls close() itself. The client has stopped.
        }
    }

    public companion object {
        /** The default of [flush]: 30 seconds. */
        public const val DEFAULT_FLUSH_TIMEOUT_MS: Long = 30_000

        private const val CLOSE_GRACE_MS = 1_000L

        /** Collects settings for Java: `new SegOpsClient(SegOpsClient.builder(url, key).flushAt(50).build())`. */
        @JvmStatic
        public fun builder(apiUrl: String, apiKey: String): SegOpsOptions.Builder = SegOpsOptions.Builder(apiUrl, apiKey)
    }
}
