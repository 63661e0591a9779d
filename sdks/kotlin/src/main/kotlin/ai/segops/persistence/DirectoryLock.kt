package ai.segops.persistence

import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.channels.FileLock
import java.nio.file.DirectoryNotEmptyException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.util.concurrent.ConcurrentHashMap

/** The right to a directory, until the process ends or [release]. The system takes it back from a process that is killed. */
internal class DirectoryLock private constructor(
    val directory: Path,
    private val file: Path,
    private val channel: FileChannel,
    private val lock: FileLock,
) {
    fun release() {
        lock.release()
        channel.close()
        held.remove(directory)
    }

    /** Removes the directory if nothing but the lock is in it. */
    fun releaseAndDelete() {
        val isEmpty = Files.newDirectoryStream(directory).use { files -> files.all { it == file } }
        if (isEmpty) Files.deleteIfExists(file)
        release()
        if (!isEmpty) return
        try {
            Files.deleteIfExists(directory)
        } catch (_: DirectoryNotEmptyException) {
            // Another client has just looked whether it is an orphan.
        }
    }

    companion object {
        private const val NAME = "lock"

        /** POSIX drops a process's lock when it closes any handle of the file, so directories of this process must not be tried. */
        private val held = ConcurrentHashMap.newKeySet<Path>()

        /** Takes the directory, or returns null if another client or process has it, or has just removed it. */
        @Throws(IOException::class)
        fun tryTake(directory: Path): DirectoryLock? {
            if (!held.add(directory)) return null
            var taken: DirectoryLock? = null
            try {
                taken = lock(directory)
            } finally {
                if (taken == null) held.remove(directory)
            }
            return taken
        }

        private fun lock(directory: Path): DirectoryLock? {
            val file = directory.resolve(NAME)
            val channel =
                try {
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                } catch (_: NoSuchFileException) {
                    return null
                }
            val lock = channel.tryLock()
            if (lock == null || !Files.exists(file)) {
                channel.close()
                return null
            }
            return DirectoryLock(directory, file, channel, lock)
        }
    }
}
