package ai.segops.persistence

import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertEquals

class SegmentTest {
    @TempDir
    lateinit var directory: Path

    private fun stored(number: Int) = StoredEvent(number.toLong(), """{"event_id":"$number","note":"é"}""".toByteArray())

    private fun numbers(path: Path) = Segment.read(path).map { it.trackedWallMs.toInt() }

    @Test
    fun read_appendedLines_areTheEvents() {
        val path = directory.resolve("a")
        val segment = Segment(path)
        segment.append(listOf(stored(1), stored(2)).map(Segment::line))
        segment.append(listOf(Segment.line(stored(3))))
        segment.close()
        assertEquals(listOf(1, 2, 3), numbers(path))
        assertEquals(stored(2).json.toList(), Segment.read(path)[1].json.toList())
        assertEquals(Files.size(path), segment.size)
    }

    @Test
    fun read_tornAtEachByte_skipsOnlyTheTail() {
        val path = directory.resolve("a")
        val first = Segment.line(stored(1))
        val whole = first + Segment.line(stored(2))
        for (length in first.size until whole.size) {
            Files.write(path, whole.copyOf(length))
            assertEquals(listOf(1), numbers(path), "$length bytes")
        }
    }

    @Test
    fun read_damagedAtEachByte_skipsOnlyThatLine() {
        val path = directory.resolve("a")
        val lines = listOf(1, 2, 3).map { Segment.line(stored(it)) }
        for (index in 0 until lines[1].size - 1) {
            val damaged = lines[1].copyOf().also { it[index] = (it[index].toInt() xor 1).toByte() }
            Files.write(path, lines[0] + damaged + lines[2])
            assertEquals(listOf(1, 3), numbers(path), "byte $index")
        }
    }
}
