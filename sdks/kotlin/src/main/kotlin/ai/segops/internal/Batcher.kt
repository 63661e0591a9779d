package ai.segops.internal

import ai.segops.SegOpsOptions

/** The events of one request. */
internal class Batch(
    val events: List<QueuedEvent>,
    /** Whether it is a part of a refused batch, which must not be mixed with other events. */
    val isPart: Boolean,
) {
    val size: Int get() = events.size
}

/** Chooses the events of the next request, and halves what was refused. */
internal class Batcher(private val options: SegOpsOptions, private val queue: EventQueue) {
    private val parts = ArrayDeque<List<QueuedEvent>>()
    private var maxEvents = MAX_EVENTS
    private var maxBytes = options.maxBatchBytes
    private var maxBytesUntil = Long.MAX_VALUE

    val hasParts: Boolean get() = parts.isNotEmpty()

    /** The parts of refused batches first, then the oldest events. Null if there is none. */
    fun next(now: Long, limit: Int = MAX_EVENTS): Batch? {
        if (now >= maxBytesUntil) {
            maxBytes = options.maxBatchBytes
            maxBytesUntil = Long.MAX_VALUE
        }
        while (parts.isNotEmpty()) {
            val part = queue.undecided(parts.removeFirst())
            val fitting = fitting(part, limit, maxBytes)
            if (fitting.size < part.size) parts.addFirst(part.drop(fitting.size))
            if (fitting.isNotEmpty()) return Batch(fitting, isPart = true)
        }
        return whole(queue.oldest { fitting(it, minOf(limit, maxEvents), maxBytes) })
    }

    /** One event, and another one with each number. */
    fun probe(number: Int): Batch? = whole(queue.one(number))

    private fun whole(events: List<QueuedEvent>) = if (events.isEmpty()) null else Batch(events, isPart = false)

    /** Keeps a part together for the next attempt. Other batches are chosen anew, so that they can grow. */
    fun retry(batch: Batch) {
        if (batch.isPart) parts.addFirst(batch.events)
    }

    fun halve(batch: Batch) {
        val half = batch.size / 2
        parts.addFirst(batch.events.subList(half, batch.size))
        parts.addFirst(batch.events.subList(0, half))
    }

    /** The server refused a body of this size. Bodies are at most half as large for a while. */
    fun shrinkBytes(bodyBytes: Int, now: Long) {
        maxBytes = minOf(maxBytes, bodyBytes / 2)
        maxBytesUntil = now + options.byteLimitMs
    }

    /** After a hold: half of what was refused, because one of its events can be the reason. */
    fun shrinkEvents(refused: Int) {
        maxEvents = (refused / 2).coerceAtLeast(1)
    }

    fun grow() {
        maxEvents = (maxEvents * 2).coerceAtMost(MAX_EVENTS)
    }

    companion object {
        /** The server's limit. */
        private const val MAX_EVENTS = 500

        /** The first events within both limits, at least one if there is any. */
        fun fitting(events: Iterable<QueuedEvent>, maxCount: Int, maxBytes: Int): List<QueuedEvent> {
            val batch = ArrayList<QueuedEvent>()
            var total = RequestWriter.ENVELOPE_BYTES.toLong()
            for (event in events) {
                total += event.json.size + 1
                if (batch.size == maxCount || (batch.isNotEmpty() && total > maxBytes)) break
                batch.add(event)
            }
            return batch
        }
    }
}
