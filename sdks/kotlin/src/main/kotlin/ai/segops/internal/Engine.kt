package ai.segops.internal

import ai.segops.ClientError
import ai.segops.ClientStats
import ai.segops.DroppedEvent
import ai.segops.ErrorKind
import ai.segops.EventWarning
import ai.segops.FlushResult
import ai.segops.SegOpsOptions
import ai.segops.persistence.Keeper
import ai.segops.persistence.SegmentStore
import java.util.concurrent.CompletableFuture

/** The parts of a client and the thread that owns its queue and its disk. */
internal class Engine(private val options: SegOpsOptions, private val clock: Clock) {
    private val queue = EventQueue(options.maxQueueEvents, options.maxQueueBytes, options.flushAt, options.persistence != null)
    private val notifier = Notifier(options, clock, daemonExecutor("segops-callbacks"))
    private val network = Network(options.transport, daemonExecutor("segops-network"))
    private val keeper =
        options.persistence?.let {
            Keeper(options, clock, queue, SegmentStore(it)) { message ->
                notifier.failed(ClientError(ErrorKind.STORAGE, null, null, message))
            }
        }
    private val loop = SendLoop(options, clock, queue, notifier, network, keeper)

    init {
        daemonThread("segops-client") { while (!loop.isFinished) queue.awaitChange(loop.turn()) }.start()
    }

    /** Never throws and never waits for I/O. */
    fun accept(event: EncodedEvent) {
        val refusal = event.refusal
        if (event.json == null || refusal != null) {
            val reason = checkNotNull(refusal).reason
            queue.refuse(reason)
            notifier.dropped(
                DroppedEvent(event.id, event.type, reason, code = refusal.code, field = refusal.field, message = refusal.message),
            )
            return
        }
        val now = clock.monotonicMs()
        val reason =
            queue.offer(
                QueuedEvent(event.id, event.type, event.json, now, now + options.maxEventAgeMs, clock.wallMs(), !event.isSnakeCase),
            )
        when {
            reason != null -> notifier.dropped(DroppedEvent(event.id, event.type, reason))
            !event.isSnakeCase -> notifier.warned(notSnakeCase(event.id))
        }
    }

    private fun notSnakeCase(id: String) =
        EventWarning(id, "event_type", EventEncoder.NOT_SNAKE_CASE, "event_type should be snake_case, such as order_placed.")

    fun flush(timeoutMs: Long): CompletableFuture<FlushResult> = await(queue.open(begin(timeoutMs)))

    fun shutdown(timeoutMs: Long): CompletableFuture<FlushResult> = await(queue.close(begin(timeoutMs)))

    fun stats(): ClientStats = queue.stats()

    private fun begin(timeoutMs: Long): Flush {
        val now = clock.monotonicMs()
        return Flush(now, now + timeoutMs.coerceIn(0, Int.MAX_VALUE.toLong()))
    }

    /** Each caller has a future of its own, which it can cancel without harm to others. */
    private fun await(flush: Flush): CompletableFuture<FlushResult> {
        if (flush.isOrphaned) flush.future.complete(flush.result(clock.monotonicMs()))
        return flush.future.thenApply { it }
    }
}
