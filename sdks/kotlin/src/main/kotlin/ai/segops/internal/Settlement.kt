package ai.segops.internal

import ai.segops.ClientError
import ai.segops.DropReason
import ai.segops.ErrorKind
import ai.segops.EventWarning
import ai.segops.LogLevel
import ai.segops.persistence.Keeper

/** Carries out what an answer means: which events are decided, what is sent again and when, and what is reported. */
internal class Settlement(
    private val clock: Clock,
    private val queue: EventQueue,
    private val pace: Pace,
    private val batcher: Batcher,
    private val writer: RequestWriter,
    private val notifier: Notifier,
    private val keeper: Keeper?,
) {
    /** Answers 400 `bad_request` since any other answer. */
    private var badRequests = 0

    fun settle(batch: Batch, written: WrittenRequest, verdict: Verdict) {
        if (verdict !is Verdict.Transient) badRequests = 0
        when (verdict) {
            is Verdict.Accepted -> accept(batch, verdict)

            is Verdict.Invalid -> reject(batch, verdict)

            is Verdict.Split -> split(batch, written, verdict)

            is Verdict.Quota -> hold(batch, ErrorKind.QUOTA, 429, "quota_exceeded", verdict.remaining.coerceIn(0, batch.size), null)

            is Verdict.Hold -> hold(batch, ErrorKind.CONFIGURATION, verdict.status, verdict.code, 0, verdict.retryAfterMs)

            is Verdict.Transient -> retry(batch, written, verdict)

            is Verdict.Uncompressed -> {
                writer.stopCompressing()
                again(batch)
            }
        }
    }

    private fun accept(batch: Batch, verdict: Verdict.Accepted) {
        val (losses, taken) = divide(batch, verdict.errors, 202)
        decide(taken, losses)
        warn(batch, verdict.warnings)
        pace.succeeded(verdict.pauseMs)
        val hold = pace.hold
        when {
            hold == null -> batcher.grow()

            // What the quota had room for was sent. The rest still waits.
            hold.kind == ErrorKind.QUOTA && hold.probes == 0 -> Unit

            else -> resume()
        }
    }

    private fun reject(batch: Batch, verdict: Verdict.Invalid) {
        if (verdict.errors.isEmpty()) {
            return split(batch, Loss(batch.events[0], DropReason.REJECTED, 400, ItemError(null, null, "validation_failed", null)))
        }
        decide(emptyList(), divide(batch, verdict.errors, 400).first)
        pace.succeeded()
        if (pace.hold != null) resume()
    }

    private fun resume() {
        pace.release()?.let { batcher.shrinkEvents(it.batchSize) }
    }

    private fun divide(batch: Batch, errors: Map<Int, ItemError>, status: Int): Pair<List<Loss>, List<QueuedEvent>> {
        val losses = ArrayList<Loss>()
        val others = ArrayList<QueuedEvent>()
        batch.events.forEachIndexed { index, event ->
            val error = errors[index]
            if (error == null) others.add(event) else losses.add(Loss(event, DropReason.REJECTED, status, error))
        }
        return losses to others
    }

    private fun warn(batch: Batch, warnings: List<ItemError>) {
        for (warning in warnings) {
            val event = warning.index?.let(batch.events::getOrNull)
            if (event != null && event.isWarned && warning.code == EventEncoder.NOT_SNAKE_CASE) continue
            notifier.warned(EventWarning(event?.id, warning.field, warning.code, warning.message))
        }
    }

    private fun split(batch: Batch, written: WrittenRequest, verdict: Verdict.Split) {
        if (verdict.isTooLarge && batch.size > 1) {
            batcher.shrinkBytes(written.plainBytes, clock.monotonicMs())
            again(batch)
            pace.failed()
            return
        }
        val reason = if (verdict.isTooLarge) DropReason.TOO_LARGE else DropReason.REJECTED
        val error = ItemError(null, null, verdict.code, "The server refused the event alone with status ${verdict.status}.")
        split(batch, Loss(batch.events[0], reason, verdict.status, error))
    }

    /** Halves the batch, or drops its only event. */
    private fun split(batch: Batch, loss: Loss) {
        if (batch.size == 1) {
            decide(emptyList(), listOf(loss))
        } else {
            queue.land()
            batcher.halve(batch)
        }
        pace.failed()
    }

    private fun retry(batch: Batch, written: WrittenRequest, verdict: Verdict.Transient) {
        if (verdict.status == 400 && ++badRequests >= MAX_BAD_REQUESTS) {
            return split(batch, written, Verdict.Split(400, verdict.code, isTooLarge = false))
        }
        if (verdict.status != 400) badRequests = 0
        again(batch)
        val ms = pace.failed(verdict.retryAfterMs)
        notifier.log(LogLevel.WARNING, "transient ${verdict.status} ${verdict.code}") {
            "${batch.size} events were not delivered (${verdict.status ?: "no answer"}, ${verdict.code}). The next attempt is in $ms ms."
        }
    }

    private fun again(batch: Batch) {
        queue.land()
        batcher.retry(batch)
    }

    private fun hold(batch: Batch, kind: ErrorKind, status: Int, code: String?, grant: Int, retryAfterMs: Long?) {
        again(batch)
        if (!pace.holdFor(kind, batch.size, grant, retryAfterMs)) return
        val reason = code ?: "status $status"
        val message =
            if (kind == ErrorKind.QUOTA) {
                "The project's quota of events is used up. Events are held, and one is sent from time to time until the quota has room."
            } else {
                "SegOps refused the request ($reason). Check apiUrl and apiKey. Events are held, and one is sent from time to time."
            }
        notifier.failed(ClientError(kind, status, code, message))
    }

    /** The events leave the queue, then the disk, and then their callbacks are called. */
    fun decide(taken: List<QueuedEvent>, losses: List<Loss>) {
        queue.land(taken, losses)
        keeper?.forget(taken)
        keeper?.forget(losses.map { it.event })
        notifier.dropped(losses)
    }

    private companion object {
        /** A broken body can be an accident of the network. Repeated, it is the request. */
        const val MAX_BAD_REQUESTS = 3
    }
}
