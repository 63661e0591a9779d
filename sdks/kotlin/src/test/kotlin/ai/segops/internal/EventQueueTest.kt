package ai.segops.internal

import ai.segops.DropReason
import java.util.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull

class EventQueueTest {
    private fun event(bytes: Int = 10, expiresAt: Long = Long.MAX_VALUE) = QueuedEvent("same-id", "t", ByteArray(bytes), 0, expiresAt, 0)

    @Test
    fun offer_queueFullByCount_refusesTheNewest() {
        val queue = EventQueue(2, 1_000, 100, false)
        assertEquals(listOf(null, null, DropReason.QUEUE_FULL), List(3) { queue.offer(event()) })
        assertEquals(2, queue.size)
    }

    @Test
    fun offer_queueFullByBytes_refusesTheNewest() {
        val queue = EventQueue(100, 25, 100, false)
        assertEquals(listOf(null, null, DropReason.QUEUE_FULL), List(3) { queue.offer(event()) })
        queue.land(queue.oldest { it.take(1) })
        assertNull(queue.offer(event()))
    }

    @Test
    fun offer_afterClose_isClosed() {
        val queue = EventQueue(2, 1_000, 100, false)
        queue.close(Flush(0, 0))
        assertEquals(DropReason.CLOSED, queue.offer(event()))
    }

    @Test
    fun land_sameIdTwice_decidesEachOnce() {
        val queue = EventQueue(10, 1_000, 100, false)
        repeat(2) { queue.offer(event()) }
        val first = queue.oldest { it.take(1) }
        repeat(2) { queue.land(first) }
        assertEquals(1 to 1L, queue.size to queue.stats().accepted)
    }

    @Test
    fun open_flush_coversOnlyWhatWasTrackedBefore() {
        val queue = EventQueue(10, 1_000, 100, false)
        queue.offer(event())
        val flush = queue.open(Flush(0, 10))
        queue.offer(event())
        queue.land(queue.oldest { it.take(10) })
        assertEquals(0L to 1L, flush.pending to flush.accepted)
    }

    @Test
    fun stats_afterRandomOperations_addUp() {
        val random = Random(3)
        val queue = EventQueue(50, 400, 10, false)
        var now = 0L
        repeat(20_000) {
            when (random.nextInt(8)) {
                0 -> queue.refuse(DropReason.INVALID)

                1 -> queue.depart(queue.oldest { it.take(random.nextInt(20) + 1) }.size)

                2 -> {
                    val batch = queue.oldest { it.take(random.nextInt(20) + 1) }.shuffled(random)
                    val lost = batch.take(random.nextInt(3)).map { Loss(it, DropReason.entries[random.nextInt(8)]) }
                    queue.land(batch.drop(lost.size), lost)
                }

                3 -> queue.land(lost = queue.expired(now).map { Loss(it, DropReason.EXPIRED) })

                4 -> queue.recover(List(random.nextInt(3)) { event(expiresAt = now + random.nextInt(100)) })

                else -> queue.offer(event(random.nextInt(30) + 1, now + random.nextInt(1_000)))
            }
            now += random.nextInt(10)
            val stats = queue.stats()
            assertEquals(stats.tracked, stats.accepted + stats.rejected + stats.dropped + stats.queued + stats.inFlight)
            assertEquals(stats.dropped, stats.drops.values.sum())
        }
    }
}
