package ai.segops.internal

import ai.segops.DropReason
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** When requests are sent, and which events they hold. */
class SendLoopTest {
    private val harness = Harness()

    @AfterTest
    fun check() = harness.assertAddsUp()

    @Test
    fun turn_oneEvent_isSentAfterTheInterval() {
        harness.track()
        assertEquals(5_000, harness.settle())
        harness.pass(4_999)
        assertEquals(0, harness.sent.size)
        harness.pass(1)
        assertEquals(1, harness.sent.size)
    }

    @Test
    fun turn_moreEvents_countTheIntervalFromTheOldest() {
        harness.track()
        harness.pass(3_000)
        harness.track()
        harness.pass(2_000)
        assertEquals(listOf(2), harness.sent.map { it.ids.size })
    }

    @Test
    fun turn_flushAtReached_sendsAtOnce() {
        val ids = harness.track(100)
        harness.settle()
        assertEquals(listOf(ids), harness.sent.map { it.ids })
    }

    @Test
    fun turn_backlog_fillsBatchesTo500InOrder() {
        val ids = harness.track(1_200)
        harness.settle()
        assertEquals(listOf(500, 500, 200), harness.sent.map { it.ids.size })
        assertEquals(ids, harness.sent.flatMap { it.ids })
    }

    @Test
    fun turn_largeEvents_keepToTheBytes() {
        harness.track(200, bytes = 32_000)
        harness.settle()
        harness.flush()
        harness.settle()
        assertEquals(200, harness.sent.sumOf { it.ids.size })
        harness.sent.forEach { assertTrue(JsonWriter().apply { value(it.body) }.size <= 2 * 1024 * 1024) }
    }

    @Test
    fun turn_requestUnderWay_sendsNoSecond() {
        harness.isAnswering = false
        harness.track(600)
        harness.settle()
        harness.pass(14_000)
        assertEquals(1, harness.held.size)
        assertEquals(500L to 100L, harness.queue.stats().let { it.inFlight to it.queued })
        harness.held.removeAt(0).run()
        harness.settle()
        assertEquals(1, harness.held.size)
    }

    @Test
    fun turn_request_hasHeadersAndFreshSentAt() {
        harness.server = { if (harness.sent.size == 1) problem(500, "internal_error") else accepted(it.ids.size) }
        harness.track(100)
        harness.pass(1_000)
        val (first, second) = harness.sent
        assertEquals("ApiKey pk_test_1", first.request.headers["Authorization"])
        assertTrue(first.request.headers.getValue("User-Agent").matches(Regex("""segops-kotlin/\d+\.\d+\.\d+ \(.+; .+\)""")))
        assertEquals("http://localhost/api/ingestion/track/batch/", first.request.url.toString())
        assertTrue(first.isCompressed)
        assertNotEquals(first.body["sent_at"], second.body["sent_at"])
        assertEquals(first.body["events"], second.body["events"])
    }

    @Test
    fun turn_smallBody_isNotCompressed() {
        harness.track()
        harness.pass(5_000)
        assertFalse(harness.sent.single().isCompressed)
    }

    @Test
    fun turn_expired_dropsBeforeSending() {
        val harness = Harness { maxEventAgeMs(10_000) }
        harness.server = { offline() }
        val ids = harness.track(2)
        harness.pass(60_000)
        assertEquals(ids.map { it to DropReason.EXPIRED }, harness.drops.map { it.eventId to it.reason })
        assertEquals(0, harness.queue.size)
    }

    @Test
    fun flush_queuedEvents_endsWhenAllAreDecided() {
        harness.track(3)
        val flush = harness.flush()
        harness.settle()
        assertEquals(3L to 0L, assertNotNull(flush.now()).let { it.accepted to it.remaining })
    }

    @Test
    fun flush_nothingQueued_endsAtOnce() {
        val flush = harness.flush()
        harness.settle()
        assertEquals(0, assertNotNull(flush.now()).remaining)
    }

    @Test
    fun flush_whileAnotherRuns_coversTheEventsBetween() {
        harness.isAnswering = false
        harness.track(1)
        val first = harness.flush()
        harness.settle()
        harness.track(1)
        val second = harness.flush()
        harness.held.removeAt(0).run()
        harness.settle()
        assertEquals(true to false, (first.now() != null) to (second.now() != null))
        harness.held.removeAt(0).run()
        harness.settle()
        assertEquals(2, assertNotNull(second.now()).accepted)
    }

    @Test
    fun flush_timeIsOut_saysWhatRemains() {
        harness.server = { offline() }
        harness.track(3)
        val flush = harness.flush(2_000)
        harness.pass(2_000)
        assertEquals(3, assertNotNull(flush.now()).remaining)
        assertEquals(3, harness.queue.size)
    }

    @Test
    fun flush_duringRetryAfter_waits() {
        harness.server = { problem(429, "rate_limited", "", "Retry-After" to "30") }
        harness.track(100)
        harness.settle()
        harness.flush(20_000)
        harness.track(100)
        harness.pass(29_999)
        assertEquals(1, harness.sent.size)
        harness.pass(1)
        assertEquals(2, harness.sent.size)
    }

    @Test
    fun shutdown_queuedEvents_deliversAndEnds() {
        harness.track(700)
        val flush = harness.shutdown()
        harness.settle()
        assertEquals(700L, assertNotNull(flush.now()).accepted)
        assertTrue(harness.loop.isFinished)
    }

    @Test
    fun shutdown_serverHangs_dropsAtTheDeadline() {
        harness.isAnswering = false
        harness.track(3)
        val flush = harness.shutdown(2_000)
        harness.pass(1_999)
        assertNull(flush.now())
        harness.pass(1)
        assertEquals(3L to 0L, assertNotNull(flush.now()).let { it.dropped to it.remaining })
        assertEquals(setOf(DropReason.SHUTDOWN), harness.drops.map { it.reason }.toSet())
    }

    @Test
    fun shutdown_pauseBeyondTheDeadline_endsAtOnce() {
        harness.server = { problem(503, "overloaded", "", "Retry-After" to "60") }
        harness.track(100)
        harness.settle()
        val flush = harness.shutdown(10_000)
        harness.settle()
        assertEquals(0L to 100L, assertNotNull(flush.now()).let { it.elapsedMs to it.dropped })
    }

    @Test
    fun shutdown_twice_isTheFirst() {
        val first = harness.shutdown()
        harness.settle()
        assertEquals(first, harness.shutdown())
    }
}
