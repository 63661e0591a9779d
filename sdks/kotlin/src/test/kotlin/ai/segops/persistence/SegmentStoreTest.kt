package ai.segops.persistence

import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class SegmentStoreTest {
    @TempDir
    lateinit var root: File

    private fun files() = root.walk().filter { it.extension == "jsonl" }.toList()

    private fun stored(number: Int, bytes: Int = 0) =
        StoredEvent(number.toLong(), """{"n":$number,"x":"${"x".repeat(bytes)}"}""".toByteArray())

    private fun SegmentStore.append(vararg events: StoredEvent): List<Segment> {
        val segments = ArrayList<Segment>()
        append(events.toList()) { _, segment -> segments.add(segment) }
        return segments
    }

    private fun SegmentStore.readAll(): List<Int> {
        val numbers = ArrayList<Int>()
        while (hasBacklog) numbers += readNext().second.map { it.trackedWallMs.toInt() }
        return numbers
    }

    @Test
    fun append_manyEvents_keepsFilesBelowTheLimit() {
        val store = SegmentStore(root).apply { open() }
        store.append(*Array(40) { stored(it, 30_000) })
        assertTrue(files().size >= 5)
        files().forEach { assertTrue(it.length() <= Segment.MAX_BYTES) }
        store.close()
    }

    @Test
    fun release_lastEventOfAFile_deletesIt() {
        val store = SegmentStore(root).apply { open() }
        val (first, second) = store.append(stored(1), stored(2))
        store.release(first)
        assertEquals(1, files().size)
        store.release(second)
        assertEquals(0, files().size)
        store.append(stored(3))
        assertEquals(1, files().size)
        store.close()
    }

    @Test
    fun open_afterAnotherClosed_adoptsItsEventsInOrder() {
        repeat(3) { number ->
            val store = SegmentStore(root).apply { open() }
            store.append(stored(number))
            store.close()
        }
        val store = SegmentStore(root).apply { open() }
        assertEquals(listOf(0, 1, 2), store.readAll())
        assertEquals(1, assertNotNull(root.list()).size)
        store.close()
    }

    @Test
    fun open_whileAnotherIsOpen_leavesItsEvents() {
        val first = SegmentStore(root).apply { open() }
        first.append(stored(1))
        val second = SegmentStore(root).apply { open() }
        assertFalse(second.hasBacklog)
        second.close()
        first.close()
    }

    @Test
    fun close_nothingLeft_removesTheDirectory() {
        SegmentStore(root).apply { open() }.close()
        assertEquals(0, assertNotNull(root.list()).size)
    }

    @Test
    fun tryTake_directoryOfThisProcess_isRefusedUntilItsRelease() {
        val directory = root.toPath()
        val lock = assertNotNull(DirectoryLock.tryTake(directory))
        assertNull(DirectoryLock.tryTake(directory))
        lock.release()
        assertNotNull(DirectoryLock.tryTake(directory)).release()
    }
}
