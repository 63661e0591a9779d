package ai.segops.internal

import ai.segops.DropReason
import ai.segops.DroppedEvent
import ai.segops.LogLevel
import ai.segops.SegOpsOptions
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class NotifierTest {
    private val clock = FakeClock()
    private val lines = ArrayList<String>()
    private val drops = ArrayList<String>()
    private val drop = DroppedEvent("id", "t", DropReason.INVALID)

    private fun notifier(executor: Executor = Executor(Runnable::run), configure: SegOpsOptions.Builder.() -> Unit = {}) = Notifier(
        SegOpsOptions.Builder("https://host", "k")
            .logger { _, message -> lines.add(message) }
            .onDrop { drops.add(it.eventId) }
            .apply(configure)
            .build(),
        clock,
        executor,
    )

    @Test
    fun log_sameReasonWithinAMinute_isWrittenOnce() {
        val notifier = notifier()
        repeat(3) { notifier.log(LogLevel.INFO, "a") { "a" } }
        notifier.log(LogLevel.INFO, "b") { "b" }
        clock.advance(60_000)
        notifier.log(LogLevel.INFO, "a") { "a" }
        assertEquals(listOf("a", "b", "a"), lines)
    }

    @Test
    fun dropped_everyEvent_isReportedThoughTheLoggerThrows() {
        val notifier = notifier { logger { _, _ -> error("logger") } }
        repeat(3) { notifier.dropped(drop) }
        assertEquals(3, drops.size)
    }

    @Test
    fun dropped_noThreadLeft_doesNotThrow() {
        notifier({ throw RejectedExecutionException() }).dropped(drop)
        assertTrue(drops.isEmpty())
    }

    @Test
    fun dropped_callbackNeverReturns_keepsTheMemoryBounded() {
        val waiting = ArrayList<Runnable>()
        val notifier = notifier(waiting::add)
        repeat(150_000) { notifier.dropped(drop) }
        assertTrue(waiting.size <= 100_010)
        waiting.forEach(Runnable::run)
        assertTrue(lines.any { "Further ones are skipped" in it })
    }
}
