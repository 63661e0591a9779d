package ai.segops.internal

import ai.segops.ClientStats
import ai.segops.DropReason
import ai.segops.persistence.Segment
import java.util.EnumMap
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/** An event that waits for its delivery. Two events are never equal, even if a caller gave them the same id. */
internal class QueuedEvent(
    val id: String,
    val type: String,
    val json: ByteArray,
    /** When it was tracked, and when it expires, on the monotonic clock. */
    val trackedAt: Long,
    val expiresAt: Long,
    /** When it was tracked, on the wall clock. */
    val trackedWallMs: Long,
    /** Whether its user knows already that its type is not snake_case. */
    val isWarned: Boolean = false,
) {
    /** Its place among the calls of this process; 0 if it was found on disk. */
    var sequence = 0L

    /** The file that holds it. Only the sending thread uses this. */
    var segment: Segment? = null
}

/** An event that the client gives up, and why. */
internal class Loss(val event: QueuedEvent, val reason: DropReason, val status: Int? = null, val error: ItemError? = null)

/**
 * The events that are not decided, in the order of their calls, and the counts of all others. One lock guards both, so the counts always
 * add up. Callers hold it for the time of an insert.
 */
internal class EventQueue(
    private val maxEvents: Int,
    private val maxBytes: Long,
    private val flushAt: Int,
    private val isPersistent: Boolean,
) {
    private val lock = ReentrantLock()
    private val changed = lock.newCondition()
    private var isChanged = false

    private val events = LinkedHashSet<QueuedEvent>()
    private var unstored = ArrayList<QueuedEvent>()
    private val flushes = ArrayList<Flush>()
    private var bytes = 0L
    private var sequence = 0L
    private var nextExpiry = Long.MAX_VALUE

    private var tracked = 0L
    private var accepted = 0L
    private var rejected = 0L
    private var inFlight = 0
    private val drops = EnumMap<DropReason, Long>(DropReason::class.java)

    /** The flush that ends the client, once a shutdown began. */
    private var closing: Flush? = null

    /** Whether nothing will be sent any more. */
    private var isFinished = false

    val size: Int get() = lock.withLock { events.size }
    val isHalfFull: Boolean get() = lock.withLock { events.size > maxEvents / 2 || bytes > maxBytes / 2 }
    val oldestTrackedAt: Long? get() = lock.withLock { events.firstOrNull()?.trackedAt }
    val earliestExpiry: Long get() = lock.withLock { if (events.isEmpty()) Long.MAX_VALUE else nextExpiry }
    val unstoredSince: Long? get() = lock.withLock { unstored.firstOrNull()?.trackedAt }
    val closingFlush: Flush? get() = lock.withLock { closing }
    val hasFlush: Boolean get() = lock.withLock { flushes.isNotEmpty() }
    val earliestDeadline: Long get() = lock.withLock { flushes.minOfOrNull { it.deadline } ?: Long.MAX_VALUE }

    /** Adds the event, or says why not. */
    fun offer(event: QueuedEvent): DropReason? = lock.withLock {
        tracked++
        val reason =
            when {
                closing != null -> DropReason.CLOSED
                events.size >= maxEvents || bytes + event.json.size > maxBytes -> DropReason.QUEUE_FULL
                else -> null
            }
        if (reason != null) {
            count(reason)
            return reason
        }
        event.sequence = ++sequence
        insert(event)
        val isFirstUnstored = isPersistent && unstored.isEmpty()
        if (isPersistent) unstored.add(event)
        // Waking a thread costs more than all the rest, so only the events wake it that change what is due.
        if (events.size == 1 || events.size == flushAt || isFirstUnstored) signal()
        null
    }

    /** Counts an event that never came into the queue. */
    fun refuse(reason: DropReason) = lock.withLock {
        tracked++
        count(reason)
    }

    /** Adds events that were found on disk. The bounds do not hold for them: they were accepted once. */
    fun recover(found: List<QueuedEvent>) = lock.withLock {
        tracked += found.size
        found.forEach(::insert)
        flushes.forEach { it.pending += found.size }
    }

    private fun insert(event: QueuedEvent) {
        events.add(event)
        bytes += event.json.size
        nextExpiry = minOf(nextExpiry, event.expiresAt)
    }

    /** The events that [choose] takes from all, oldest first. */
    fun oldest(choose: (Iterable<QueuedEvent>) -> List<QueuedEvent>): List<QueuedEvent> = lock.withLock { choose(events) }

    /** One event; another one for each following number. */
    fun one(number: Int): List<QueuedEvent> = lock.withLock { events.drop(number % events.size.coerceAtLeast(1)).take(1) }

    fun undecided(of: List<QueuedEvent>): List<QueuedEvent> = lock.withLock { of.filter { it in events } }

    fun depart(count: Int) = lock.withLock { inFlight = count }

    /** Ends the request that is under way, and decides events: both at one moment. */
    fun land(taken: Collection<QueuedEvent> = emptyList(), lost: Collection<Loss> = emptyList()) = lock.withLock {
        inFlight = 0
        for (event in taken) {
            if (!remove(event)) continue
            accepted++
            covering(event) { it.accepted++ }
        }
        for (loss in lost) {
            if (!remove(loss.event)) continue
            count(loss.reason)
            covering(loss.event) { if (loss.reason == DropReason.REJECTED) it.rejected++ else it.dropped++ }
        }
    }

    /** The events whose time is out. Call it only with no request under way. */
    fun expired(now: Long): List<QueuedEvent> = lock.withLock {
        if (now < nextExpiry) return emptyList()
        nextExpiry = events.minOfOrNull { if (it.expiresAt > now) it.expiresAt else Long.MAX_VALUE } ?: Long.MAX_VALUE
        events.filter { it.expiresAt <= now }
    }

    fun takeUnstored(): List<QueuedEvent> = lock.withLock {
        val taken = unstored.filter { it in events }
        unstored = ArrayList()
        taken
    }

    fun putBackUnstored(failed: List<QueuedEvent>) = lock.withLock { unstored.addAll(0, failed) }

    /** The events that are left at the end. */
    fun all(): List<QueuedEvent> = lock.withLock { events.toList() }

    /** Begins a flush. The sending thread decides when it ends. */
    fun open(flush: Flush): Flush = lock.withLock {
        flush.sequence = sequence
        flush.pending = events.size.toLong()
        if (isFinished) flush.isOrphaned = true else flushes.add(flush)
        signal()
        flush
    }

    /** Refuses events from now on. The first call's flush counts. */
    fun close(flush: Flush): Flush = lock.withLock {
        closing ?: open(flush).also { closing = it }
    }

    /** Ends and returns the flushes for which [isOver] holds. */
    fun end(isOver: (Flush) -> Boolean): List<Flush> = lock.withLock {
        val over = flushes.filter(isOver)
        flushes.removeAll(over)
        over
    }

    fun finish() = lock.withLock { isFinished = true }

    /** Waits for a change, at most [ms]. */
    fun awaitChange(ms: Long) = lock.withLock {
        if (!isChanged) changed.await(ms, TimeUnit.MILLISECONDS)
        isChanged = false
    }

    fun wake() = lock.withLock { signal() }

    fun stats(): ClientStats = lock.withLock {
        val counts = EnumMap<DropReason, Long>(drops)
        val dropped = counts.values.sum()
        ClientStats(tracked, accepted, rejected, dropped, events.size - inFlight.toLong(), inFlight.toLong(), counts)
    }

    private fun signal() {
        isChanged = true
        changed.signal()
    }

    private fun remove(event: QueuedEvent): Boolean = events.remove(event).also { if (it) bytes -= event.json.size }

    private fun count(reason: DropReason) {
        if (reason == DropReason.REJECTED) rejected++ else drops[reason] = (drops[reason] ?: 0) + 1
    }

    private inline fun covering(event: QueuedEvent, action: (Flush) -> Unit) {
        for (flush in flushes) {
            if (event.sequence > flush.sequence) continue
            flush.pending--
            action(flush)
        }
    }
}
