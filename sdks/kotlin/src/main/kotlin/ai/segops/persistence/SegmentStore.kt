package ai.segops.persistence

import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.UUID

/**
 * Segments of one client: a directory of its own below the root, locked for its process. At the start it adopts the segments of clients
 * that are gone. Used by one thread.
 */
internal class SegmentStore(root: File) {
    private val root = root.toPath().toAbsolutePath().normalize()
    private val backlog = ArrayDeque<Path>()
    private var lock: DirectoryLock? = null
    private var current: Segment? = null
    private var count = 0

    val isOpen: Boolean get() = lock != null

    /** Whether segments of earlier clients wait to be read. */
    val hasBacklog: Boolean get() = backlog.isNotEmpty()

    /** Takes a directory and adopts orphans. If one of them cannot be read, the store is open nevertheless. */
    @Throws(IOException::class)
    fun open() {
        Files.createDirectories(root)
        val own = create()
        lock = own
        val failures = directories().mapNotNull { adopt(it, own.directory) }
        backlog.addAll(segments(own.directory))
        failures.firstOrNull()?.let { throw it }
    }

    private fun create(): DirectoryLock {
        repeat(ATTEMPTS) {
            val directory = Files.createDirectory(root.resolve(UUID.randomUUID().toString()))
            // A client that adopts can take the new directory for an orphan before it is locked, and remove it.
            DirectoryLock.tryTake(directory)?.let { return it }
        }
        throw IOException("No directory could be locked.")
    }

    private fun adopt(directory: Path, own: Path): IOException? {
        try {
            val orphan = DirectoryLock.tryTake(directory) ?: return null
            try {
                segments(directory).forEach { Files.move(it, own.resolve(it.fileName)) }
            } finally {
                orphan.releaseAndDelete()
            }
            return null
        } catch (failure: IOException) {
            return failure
        }
    }

    private fun directories(): List<Path> = Files.newDirectoryStream(root).use { paths -> paths.filter { Files.isDirectory(it) } }

    private fun segments(directory: Path): List<Path> = Files.newDirectoryStream(directory, "*$SUFFIX").use { it.sorted() }

    /** Reads the oldest segment of the backlog. */
    @Throws(IOException::class)
    fun readNext(): Pair<Segment, List<StoredEvent>> {
        val path = backlog.removeFirst()
        return Segment(path) to Segment.read(path)
    }

    /** Appends events and calls [stored] for each that is on disk then. */
    @Throws(IOException::class)
    fun append(events: List<StoredEvent>, stored: (index: Int, segment: Segment) -> Unit) {
        var next = 0
        while (next < events.size) {
            val lines = ArrayList<ByteArray>()
            var segment = current ?: begin()
            var size = segment.size
            while (next + lines.size < events.size) {
                val line = Segment.line(events[next + lines.size])
                if (size > 0 && size + line.size > Segment.MAX_BYTES) break
                lines.add(line)
                size += line.size
            }
            if (lines.isEmpty()) {
                end()
                continue
            }
            try {
                segment.append(lines)
            } catch (failure: IOException) {
                end()
                throw failure
            }
            segment.pending += lines.size
            repeat(lines.size) { stored(next++, segment) }
        }
    }

    private fun begin(): Segment {
        val directory = checkNotNull(lock).directory
        // Names sort by time, and stay unique where segments of several clients come together.
        val name = "%013d-%06d-%s".format(System.currentTimeMillis(), count++, UUID.randomUUID().toString().take(8))
        return Segment(directory.resolve(name + SUFFIX)).also { current = it }
    }

    private fun end() {
        val segment = current ?: return
        current = null
        segment.close()
        if (segment.pending == 0) segment.delete()
    }

    /** One event of the segment is decided. The file goes with its last one. */
    @Throws(IOException::class)
    fun release(segment: Segment) {
        if (--segment.pending > 0) return
        if (segment === current) current = null
        segment.delete()
    }

    @Throws(IOException::class)
    fun close() {
        current?.close()
        current = null
        lock?.releaseAndDelete()
        lock = null
    }

    private companion object {
        const val SUFFIX = ".jsonl"
        const val ATTEMPTS = 10
    }
}
