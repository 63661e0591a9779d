package ai.segops.internal

import ai.segops.DropReason
import ai.segops.LogLevel
import ai.segops.SegOpsOptions
import ai.segops.TransportResponse
import ai.segops.persistence.Keeper
import java.util.Random

/**
 * Decides what happens next: one request at a time, what its answer means, what expires, which flush is over. It has no thread and does
 * not wait: [turn] does all that is due and says when to come again.
 */
internal class SendLoop(
    private val options: SegOpsOptions,
    private val clock: Clock,
    private val queue: EventQueue,
    private val notifier: Notifier,
    private val network: Network,
    private val keeper: Keeper?,
    compression: Compression = Compression.ofProcess,
    random: Random = Random(),
) {
    private val pace = Pace(options, clock, random)
    private val batcher = Batcher(options, queue)
    private val writer = RequestWriter(options, clock, compression)
    private val settlement = Settlement(clock, queue, pace, batcher, writer, notifier, keeper)
    private var flight: Flight? = null

    /** Whether a shutdown ended. */
    var isFinished = false
        private set

    /** A request that is under way. */
    private class Flight(val batch: Batch, val written: WrittenRequest, val deadline: Long) {
        @Volatile
        var result: Result<TransportResponse>? = null
        var isAborted = false
    }

    /** Does what is due. Returns the milliseconds until something is due again without a change of the queue. */
    fun turn(): Long {
        val now = clock.monotonicMs()
        try {
            keeper?.keep(now)
            land(now)
            if (flight == null) {
                expire(now)
                depart(now)
            }
            endFlushes(now)
            return dueAt(now).coerceIn(now, now + IDLE_MS) - now
        } catch (failure: Throwable) {
            notifier.log(LogLevel.ERROR, "internal") { "The sending failed with ${failure.javaClass.name}. It continues." }
            return FAULT_PAUSE_MS
        }
    }

    private fun land(now: Long) {
        val landed = flight ?: return
        if (landed.result == null && now >= landed.deadline && !landed.isAborted) {
            landed.isAborted = true
            network.abort()
        }
        val result = landed.result ?: return
        flight = null
        try {
            settlement.settle(landed.batch, landed.written, read(landed, result))
        } catch (failure: Throwable) {
            // Nothing is decided then, so the events are sent again.
            queue.land()
            pace.failed()
            throw failure
        }
    }

    private fun read(landed: Flight, result: Result<TransportResponse>): Verdict = result.fold(
        { Answers.read(it, landed.batch.size, landed.written.isCompressed, clock.wallMs()) },
        { Verdict.Transient(null, it.javaClass.simpleName, null) },
    )

    private fun expire(now: Long) {
        val losses = queue.expired(now).map { Loss(it, DropReason.EXPIRED) }
        if (losses.isNotEmpty()) settlement.decide(emptyList(), losses)
    }

    private fun depart(now: Long) {
        if (now < pace.readyAt || now < sendDueAt(now)) return
        val batch = choose(now) ?: return
        val written = writer.write(batch.events)
        val next = Flight(batch, written, now + options.requestTimeoutMs)
        flight = next
        queue.depart(batch.size)
        network.send(written.request) {
            next.result = it
            queue.wake()
        }
    }

    private fun choose(now: Long): Batch? {
        val hold = pace.hold ?: return batcher.next(now)
        if (hold.grant > 0) return batcher.next(now, hold.grant).also { hold.grant = 0 }
        return batcher.probe(hold.probes++)
    }

    /** When there is a reason to send. */
    private fun sendDueAt(now: Long): Long {
        val oldest = queue.oldestTrackedAt ?: return Long.MAX_VALUE
        val isUrgent = pace.hold != null || pace.failures > 0 || batcher.hasParts || queue.hasFlush
        return if (isUrgent || queue.size >= options.flushAt) now else oldest + options.flushIntervalMs
    }

    private fun endFlushes(now: Long) {
        val closing = queue.closingFlush
        val nextRequest = maxOf(pace.readyAt, sendDueAt(now))
        if (closing != null) {
            val isDone = closing.pending == 0L && flight == null
            val isHopeless = flight == null && nextRequest > closing.deadline
            if (isDone || isHopeless || now >= closing.deadline) return finish(now)
        }
        val isBacklogEmpty = keeper?.hasBacklog != true
        complete(queue.end { it !== closing && ((it.pending == 0L && isBacklogEmpty) || now >= it.deadline) }, now)
    }

    private fun finish(now: Long) {
        if (flight != null) network.abort()
        flight = null
        queue.land()
        keeper?.keepAll()
        val reason = if (keeper == null) DropReason.SHUTDOWN else DropReason.STORAGE
        val losses = queue.all().filter { it.segment == null }.map { Loss(it, reason) }
        if (losses.isNotEmpty()) settlement.decide(emptyList(), losses)
        keeper?.close()
        queue.finish()
        complete(queue.end { true }, now)
        isFinished = true
    }

    private fun complete(flushes: List<Flush>, now: Long) = flushes.forEach { notifier.completed(it, it.result(now)) }

    private fun dueAt(now: Long): Long {
        if (isFinished) return now
        val current = flight
        val sending =
            when {
                current == null -> minOf(maxOf(pace.readyAt, sendDueAt(now)), queue.earliestExpiry)
                current.result != null -> now
                current.isAborted -> Long.MAX_VALUE
                else -> current.deadline
            }
        return minOf(sending, queue.earliestDeadline, keeper?.dueAt ?: Long.MAX_VALUE)
    }

    private companion object {
        const val FAULT_PAUSE_MS = 1_000L
        const val IDLE_MS = 3_600_000L
    }
}
