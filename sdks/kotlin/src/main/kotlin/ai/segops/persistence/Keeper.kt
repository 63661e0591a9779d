package ai.segops.persistence

import ai.segops.SegOpsOptions
import ai.segops.internal.Clock
import ai.segops.internal.EventQueue
import ai.segops.internal.JsonException
import ai.segops.internal.JsonReader
import ai.segops.internal.QueuedEvent
import java.io.IOException

/**
 * Keeps the queue on disk: writes what was tracked, reads what earlier clients left, and removes what is decided. While the disk fails,
 * events stay in memory, and it tries again every few seconds. Used by the sending thread only.
 */
internal class Keeper(
    private val options: SegOpsOptions,
    private val clock: Clock,
    private val queue: EventQueue,
    private val store: SegmentStore,
    private val onFailure: (message: String) -> Unit,
) {
    private var retryAt = Long.MIN_VALUE
    private var isFailing = false

    val hasBacklog: Boolean get() = store.hasBacklog || (!store.isOpen && !isFailing)

    private val canRecover: Boolean get() = store.hasBacklog && !queue.isHalfFull && queue.closingFlush == null

    /** When there is something to write or to read. */
    val dueAt: Long
        get() {
            val writeAt = queue.unstoredSince?.plus(WRITE_DELAY_MS) ?: Long.MAX_VALUE
            return maxOf(retryAt, if (!store.isOpen || canRecover) Long.MIN_VALUE else writeAt)
        }

    fun keep(now: Long) {
        if (now < retryAt) return
        guarded {
            if (!store.isOpen) store.open()
            while (canRecover) recover()
            val since = queue.unstoredSince
            if (since != null && now >= since + WRITE_DELAY_MS) write()
        }
    }

    /** Writes all that is left, at the end. */
    fun keepAll() = guarded { if (store.isOpen) write() }

    fun forget(events: List<QueuedEvent>) = guarded {
        for (event in events) {
            val segment = event.segment ?: continue
            event.segment = null
            store.release(segment)
        }
    }

    fun close() = guarded { store.close() }

    private fun write() {
        val events = queue.takeUnstored()
        var stored = 0
        try {
            store.append(events.map { StoredEvent(it.trackedWallMs, it.json) }) { index, segment ->
                events[index].segment = segment
                stored++
            }
            isFailing = false
        } finally {
            if (stored < events.size) queue.putBackUnstored(events.drop(stored))
        }
    }

    private fun recover() {
        val (segment, stored) = store.readNext()
        val events = stored.mapNotNull(::queued)
        events.forEach { it.segment = segment }
        segment.pending = events.size
        if (events.isEmpty()) segment.delete()
        queue.recover(events)
    }

    private fun queued(stored: StoredEvent): QueuedEvent? {
        val event =
            try {
                JsonReader.read(stored.json.toString(Charsets.UTF_8)) as? Map<*, *>
            } catch (_: JsonException) {
                null
            }
        val id = event?.get("event_id") as? String ?: return null
        val type = event["event_type"] as? String ?: return null
        val age = (clock.wallMs() - stored.trackedWallMs).coerceIn(0, options.maxEventAgeMs)
        val now = clock.monotonicMs()
        return QueuedEvent(id, type, stored.json, now - age, now - age + options.maxEventAgeMs, stored.trackedWallMs)
    }

    private fun guarded(action: () -> Unit) {
        try {
            action()
        } catch (failure: IOException) {
            fail(failure)
        } catch (failure: SecurityException) {
            fail(failure)
        }
    }

    private fun fail(failure: Exception) {
        retryAt = clock.monotonicMs() + RETRY_MS
        if (isFailing) return
        isFailing = true
        onFailure("Events cannot be stored on disk (${failure.javaClass.simpleName}). They stay in memory until the disk works again.")
    }

    private companion object {
        /** Events of this time share a write. */
        const val WRITE_DELAY_MS = 50L
        const val RETRY_MS = 5_000L
    }
}
