package ai.segops.internal

import ai.segops.ErrorKind
import java.util.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

class PaceTest {
    private val harness = Harness()
    private val clock = FakeClock()
    private val pace = Pace(harness.options, clock, Random(5))

    @Test
    fun failed_manyTimes_staysWithinTheBounds() {
        val waits = List(2_000) { pace.failed() }
        waits.drop(6).forEach { assertTrue(it in 30_000..60_000) }
        assertTrue(waits.drop(6).let { it.max() - it.min() > 25_000 })
    }

    @Test
    fun failed_shorterPauseAfterALongerOne_shortensNothing() {
        pace.failed(retryAfterMs = 90_000)
        val readyAt = pace.readyAt
        pace.succeeded(pauseMs = 1_000)
        pace.failed()
        assertEquals(readyAt, pace.readyAt)
    }

    @Test
    fun succeeded_afterFailures_beginsAnew() {
        repeat(5) { pace.failed() }
        pace.succeeded()
        assertTrue(pace.failed() <= 1_000)
    }

    @Test
    fun holdFor_sameKindAgain_isTheSameEpisode() {
        assertTrue(pace.holdFor(ErrorKind.QUOTA, 100))
        assertFalse(pace.holdFor(ErrorKind.QUOTA, 1))
        assertTrue(pace.holdFor(ErrorKind.CONFIGURATION, 1))
        pace.release()
        assertTrue(pace.holdFor(ErrorKind.CONFIGURATION, 1))
    }

    @Test
    fun holdFor_quotaWithRoom_isReadyAtOnceForIt() {
        pace.holdFor(ErrorKind.QUOTA, 100, grant = 7)
        assertTrue(pace.readyAt <= clock.monotonic)
        pace.hold?.grant = 0
        assertTrue(pace.readyAt - clock.monotonic in 12 * 60_000..18 * 60_000)
    }
}
