package ai.segops.persistence

import ai.segops.DropReason
import ai.segops.ErrorKind
import ai.segops.internal.Harness
import ai.segops.internal.now
import ai.segops.internal.offline
import ai.segops.internal.problem
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** The queue on disk, through the send loop. */
class KeeperTest {
    @TempDir
    lateinit var root: File

    private fun lines() = root.walk().filter { it.extension == "jsonl" }.sumOf { it.readLines().size }

    /** A client that leaves its events behind. */
    private fun leave(count: Int): List<String> {
        val harness = Harness(root)
        harness.server = { offline() }
        val ids = harness.track(count)
        harness.shutdown(0)
        harness.settle()
        return ids
    }

    @Test
    fun keep_trackedEvents_areOnDiskWithin250Ms() {
        val harness = Harness(root)
        harness.settle()
        harness.track(3)
        harness.pass(250)
        assertEquals(3, lines())
    }

    @Test
    fun forget_acceptedEvents_deletesThem() {
        val harness = Harness(root)
        harness.track(3)
        harness.pass(5_000)
        assertEquals(3, harness.queue.stats().accepted)
        assertEquals(0, lines())
    }

    @Test
    fun keep_requestUnderWay_keepsItsEventsOnDisk() {
        val harness = Harness(root)
        harness.isAnswering = false
        harness.track(100)
        harness.pass(1_000)
        assertEquals(100, lines())
    }

    @Test
    fun keep_eventsOfAnEarlierClient_areSentWithTheirIds() {
        val ids = leave(3)
        val harness = Harness(root)
        val flush = harness.flush()
        harness.settle()
        assertEquals(listOf(ids), harness.sent.map { it.ids })
        assertEquals(3, assertNotNull(flush.now()).accepted)
        assertEquals(3, harness.queue.stats().tracked)
        assertEquals(0, lines())
    }

    @Test
    fun keep_moreOnDiskThanTheQueueHolds_isSentInParts() {
        repeat(4) { leave(60) }
        val harness = Harness(root) { maxQueueEvents(100) }
        harness.flush()
        harness.settle()
        assertEquals(240, harness.queue.stats().accepted)
    }

    @Test
    fun keep_eventsOlderThanTheLimit_expire() {
        leave(2)
        val harness = Harness(root) { maxEventAgeMs(1_000) }
        harness.clock.wall += 2_000
        harness.settle()
        assertEquals(listOf(DropReason.EXPIRED, DropReason.EXPIRED), harness.drops.map { it.reason })
    }

    @Test
    fun shutdown_undeliveredEvents_areKept() {
        val harness = Harness(root)
        harness.server = { problem(503, "overloaded", "", "Retry-After" to "60") }
        harness.track(100)
        harness.settle()
        harness.track(5)
        val flush = harness.shutdown()
        harness.settle()
        assertEquals(105L to 0L, assertNotNull(flush.now()).let { it.remaining to it.dropped })
        assertEquals(105, lines())
        assertEquals(0, harness.drops.size)
    }

    @Test
    fun keep_diskFails_deliversFromMemoryAndSaysSoOnce() {
        val notADirectory = File(root, "file").apply { writeText("") }
        val harness = Harness(notADirectory)
        harness.server = { offline() }
        harness.track(3)
        harness.pass(60_000)
        assertEquals(listOf(ErrorKind.STORAGE), harness.errors.map { it.kind })
        assertTrue(notADirectory.delete())
        harness.pass(10_000)
        assertEquals(3, lines())
    }

    @Test
    fun shutdown_diskFails_dropsAsStorage() {
        val harness = Harness(File(root, "file").apply { writeText("") })
        harness.server = { offline() }
        harness.track(2)
        harness.shutdown(0)
        harness.settle()
        assertEquals(listOf(DropReason.STORAGE, DropReason.STORAGE), harness.drops.map { it.reason })
    }
}
