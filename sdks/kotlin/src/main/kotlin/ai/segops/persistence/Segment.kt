package ai.segops.persistence

import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.util.zip.CRC32

/** An event as a line of a segment holds it. */
internal class StoredEvent(
    /** When it was tracked, in milliseconds since 1970. */
    val trackedWallMs: Long,
    val json: ByteArray,
)

/**
 * A file of JSON lines, `{"crc32":"1c291ca3","at":1796000000000,"event":{...}}`, that only grows until all of its events are decided.
 * The checksum covers everything after its own member.
 */
internal class Segment(val path: Path) {
    private var channel: FileChannel? = null

    /** The bytes of whole lines. */
    var size = 0L
        private set

    /** Events that are not decided. */
    var pending = 0

    /** Appends lines and waits until the disk has them. After a failure the file ends with the last whole line, if the disk allows it. */
    @Throws(IOException::class)
    fun append(lines: List<ByteArray>) {
        val open = channel ?: FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).also { channel = it }
        try {
            for (line in lines) {
                val buffer = ByteBuffer.wrap(line)
                while (buffer.hasRemaining()) open.write(buffer)
            }
            open.force(false)
            size += lines.sumOf { it.size }
        } catch (failure: IOException) {
            open.truncate(size)
            throw failure
        }
    }

    fun close() {
        channel?.close()
        channel = null
    }

    fun delete() {
        close()
        Files.deleteIfExists(path)
    }

    companion object {
        /** The largest file. */
        const val MAX_BYTES = 256 * 1024
        private const val PREFIX = "{\"crc32\":\""
        private const val CRC_END = PREFIX.length + 8
        private const val AT = "\",\"at\":"
        private const val EVENT = ",\"event\":"

        fun line(event: StoredEvent): ByteArray {
            val checked = (AT + event.trackedWallMs + EVENT).toByteArray() + event.json + "}".toByteArray()
            return (PREFIX + checksum(checked, 0)).toByteArray() + checked + '\n'.code.toByte()
        }

        /** The events of a file, without those lines that are torn or damaged. */
        @Throws(IOException::class)
        fun read(path: Path): List<StoredEvent> {
            val bytes = Files.readAllBytes(path)
            val events = ArrayList<StoredEvent>()
            var start = 0
            for (index in bytes.indices) {
                if (bytes[index] != '\n'.code.toByte()) continue
                parse(bytes.copyOfRange(start, index))?.let(events::add)
                start = index + 1
            }
            return events
        }

        private fun parse(line: ByteArray): StoredEvent? {
            if (line.size < CRC_END) return null
            val head = String(line, 0, CRC_END, Charsets.ISO_8859_1)
            if (head != PREFIX + checksum(line, CRC_END)) return null
            val text = String(line, CRC_END, line.size - CRC_END, Charsets.ISO_8859_1)
            val event = text.indexOf(EVENT)
            val at = if (event < 0) null else text.substring(AT.length, event).toLongOrNull()
            return at?.let { StoredEvent(it, line.copyOfRange(CRC_END + event + EVENT.length, line.size - 1)) }
        }

        private fun checksum(bytes: ByteArray, from: Int): String {
            val crc = CRC32().apply { update(bytes, from, bytes.size - from) }
            return crc.value.toString(16).padStart(8, '0')
        }
    }
}
