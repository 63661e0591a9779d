package ai.segops.internal

import ai.segops.DropReason
import ai.segops.ErrorKind
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** What each answer leads to. */
class SettlementTest {
    private val harness = Harness()

    @AfterTest
    fun check() = harness.assertAddsUp()

    /** The times between the requests. */
    private fun pauses() = harness.sent.zipWithNext { a, b -> b.atMs - a.atMs }

    @Test
    fun settle_partial202_dropsExactlyTheRejected() {
        harness.server = {
            val errors = listOf(0, 49, 99).joinToString { """{"index":$it,"field":"user_id","code":"empty","message":"m"}""" }
            answer(202, """{"accepted":97,"rejected":3,"errors":[$errors],"warnings":[{"index":1,"code":"unknown_field"}]}""")
        }
        val ids = harness.track(100)
        harness.settle()
        assertEquals(listOf(ids[0], ids[49], ids[99]), harness.drops.map { it.eventId })
        val drop = harness.drops[1]
        assertEquals(
            listOf<Any?>(DropReason.REJECTED, 202, 49, "user_id", "empty", "m"),
            drop.run {
                listOf(reason, status, index, field, code, message)
            },
        )
        assertEquals(listOf(ids[1] to "unknown_field"), harness.warnings.map { it.eventId to it.code })
        assertEquals(listOf(97L, 3L, 0L), harness.queue.stats().run { listOf(accepted, rejected, dropped) })
    }

    @Test
    fun settle_validationFailed_sendsTheOthersAgain() {
        harness.server =
            { if (harness.sent.size > 1) accepted(it.ids.size) else problem(400, "validation_failed", ""","errors":[{"index":5}]""") }
        val ids = harness.track(100)
        harness.pass(5_000)
        assertEquals(listOf(ids[5]), harness.drops.map { it.eventId })
        assertEquals(ids - ids[5], harness.sent.last().ids)
    }

    @Test
    fun settle_transient_waitsWithinTheJitterAndDoubles() {
        harness.server = { if (harness.sent.size <= 8) problem(503, "stream_unavailable") else accepted(it.ids.size) }
        val ids = harness.track(100)
        harness.pass(600_000)
        assertEquals(9, harness.sent.size)
        pauses().forEachIndexed { index, ms ->
            val longest = minOf(60_000L, 1_000L shl index)
            assertTrue(ms in longest / 2..longest, "pause $index: $ms")
        }
        harness.sent.forEach { assertEquals(ids, it.ids) }
    }

    @Test
    fun settle_retryAfterLongerThanBackoff_isTheFloor() {
        harness.server = { if (harness.sent.size == 1) problem(503, "overloaded", "", "Retry-After" to "90") else accepted(it.ids.size) }
        harness.track(100)
        harness.pass(100_000)
        assertEquals(listOf(90_000L), pauses())
    }

    @Test
    fun settle_noCallLeft_pausesAfterSuccess() {
        harness.server = { answer(202, """{"accepted":${it.ids.size},"rejected":0}""", "RateLimit" to """"minute";r=0;t=7""") }
        harness.track(600)
        harness.pass(10_000)
        assertEquals(listOf(7_000L), pauses())
    }

    @Test
    fun settle_poison_isFoundByHalving() {
        harness.server = { if ("id-40" in it.ids) problem(400, "malformed_json") else accepted(it.ids.size) }
        harness.track(100)
        harness.pass(600_000)
        assertEquals(listOf("id-40" to DropReason.REJECTED), harness.drops.map { it.eventId to it.reason })
        assertEquals(99, harness.queue.stats().accepted)
        assertTrue(harness.sent.size <= 16, "${harness.sent.size} requests")
    }

    @Test
    fun settle_bodyTooLarge_halvesAndTheLimitRecovers() {
        harness.server = { if (it.ids.size > 8) problem(413, "body_too_large") else accepted(it.ids.size) }
        harness.track(100)
        harness.pass(60_000)
        assertEquals(100, harness.queue.stats().accepted)
        harness.server = { accepted(it.ids.size) }
        harness.track(100)
        harness.settle()
        assertTrue(harness.sent.last().ids.size < 50)
        harness.pass(600_000)
        harness.track(100)
        harness.settle()
        assertEquals(100, harness.sent.last().ids.size)
    }

    @Test
    fun settle_loneEventTooLarge_isDropped() {
        harness.server = { problem(413, "body_too_large") }
        harness.track(1)
        harness.pass(5_000)
        assertEquals(listOf(DropReason.TOO_LARGE to 413), harness.drops.map { it.reason to it.status })
    }

    @Test
    fun settle_badRequestThreeTimes_isHalved() {
        harness.server = { if (it.ids.size > 50) problem(400, "bad_request") else accepted(it.ids.size) }
        harness.track(100)
        harness.pass(60_000)
        assertEquals(listOf(100, 100, 100, 50, 50), harness.sent.map { it.ids.size })
    }

    @Test
    fun settle_unsupportedMediaType_isSentPlainForGood() {
        harness.server = { if (it.isCompressed) problem(415, "unsupported_media_type") else accepted(it.ids.size) }
        harness.track(100)
        harness.settle()
        harness.track(100)
        harness.settle()
        assertEquals(listOf(true, false, false), harness.sent.map { it.isCompressed })
    }

    @Test
    fun settle_quotaExceeded_sendsTheRestOnceThenProbes() {
        var room = 7
        harness.server = { sent ->
            if (sent.ids.size > room) {
                problem(429, "quota_exceeded", ""","remaining":$room""", "Retry-After" to "551957")
            } else {
                room -= sent.ids.size
                accepted(sent.ids.size)
            }
        }
        harness.track(100)
        harness.settle()
        assertEquals(listOf(100, 7), harness.sent.map { it.ids.size })
        harness.pass(40 * 60_000)
        assertTrue(harness.sent.drop(2).all { it.ids.size == 1 } && harness.sent.size in 4..5)
        pauses().drop(1).forEach { assertTrue(it in 12 * 60_000..18 * 60_000, "$it") }
        room = 1_000
        harness.pass(60 * 60_000)
        assertEquals(100, harness.queue.stats().accepted)
        assertEquals(listOf(ErrorKind.QUOTA), harness.errors.map { it.kind })
    }

    @Test
    fun settle_unauthorized_holdsAndProbesWithAnotherEach() {
        harness.server = { problem(401, "invalid_api_key") }
        harness.track(100)
        harness.pass(16 * 60_000)
        val probes = harness.sent.drop(1)
        assertTrue(probes.size in 2..4 && probes.all { it.ids.size == 1 })
        assertEquals(probes.size, probes.map { it.ids }.toSet().size)
        pauses().forEach { assertTrue(it in 4 * 60_000..6 * 60_000, "$it") }
        assertEquals(listOf(ErrorKind.CONFIGURATION to 401), harness.errors.map { it.kind to it.status })
        harness.server = { accepted(it.ids.size) }
        harness.pass(10 * 60_000)
        assertEquals(100, harness.queue.stats().accepted)
        assertEquals(50, harness.sent[probes.size + 2].ids.size)
    }

    @Test
    fun settle_transportThrowsAnything_sendsAgain() {
        harness.server = { if (harness.sent.size == 1) throw NotImplementedError() else accepted(it.ids.size) }
        harness.track(100)
        harness.pass(1_000)
        assertEquals(100, harness.queue.stats().accepted)
    }

    @Test
    fun settle_callbackThrows_isIgnored() {
        val harness = Harness { onDrop { error("callback") } }
        harness.server = { problem(413, "body_too_large") }
        harness.track(2)
        harness.pass(60_000)
        assertEquals(2, harness.queue.stats().dropped)
        assertFalse(harness.loop.isFinished)
    }
}
