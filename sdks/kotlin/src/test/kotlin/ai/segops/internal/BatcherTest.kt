package ai.segops.internal

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull

class BatcherTest {
    private val harness = Harness()
    private val batcher = Batcher(harness.options, harness.queue)

    private fun next(now: Long = 0) = batcher.next(now)?.events?.map { it.id }

    @Test
    fun next_emptyQueue_isNull() = assertNull(next())

    @Test
    fun fitting_limitOfBytes_takesWhatFitsAndAtLeastOne() {
        harness.track(3, bytes = 50)
        val size = harness.queue.all().first().json.size + 1
        val sizes = listOf(0, 1, 2, 3, 9).map { RequestWriter.ENVELOPE_BYTES + it * size }
        assertEquals(listOf(1, 1, 2, 3, 3), sizes.map { bytes -> harness.queue.oldest { Batcher.fitting(it, 500, bytes) }.size })
    }

    @Test
    fun halve_batch_sendsItsHalvesFirstAndInOrder() {
        val ids = harness.track(5)
        batcher.halve(assertNotNull(batcher.next(0)))
        harness.track(1)
        assertEquals(listOf(ids.take(2), ids.drop(2)), List(2) { next() })
    }

    @Test
    fun next_eventOfAPartIsDecided_leavesItOut() {
        val ids = harness.track(4)
        batcher.halve(assertNotNull(batcher.next(0)))
        harness.queue.land(harness.queue.one(0))
        assertEquals(listOf(ids[1]), next())
    }

    @Test
    fun shrinkBytes_untilItsEnd_limitsPartsToo() {
        val ids = harness.track(4)
        batcher.halve(assertNotNull(batcher.next(0)))
        batcher.shrinkBytes(2, 0)
        assertEquals(listOf(ids[0]), next())
        assertEquals(listOf(ids[1]), next(now = harness.options.byteLimitMs - 1))
        assertEquals(ids.drop(2), next(now = harness.options.byteLimitMs))
    }

    @Test
    fun probe_numbers_takesAnotherEventEach() {
        val ids = harness.track(3)
        assertEquals(ids + ids[0], List(4) { batcher.probe(it)?.events?.single()?.id })
    }
}
