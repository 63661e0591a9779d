package ai.segops.internal

import ai.segops.FlushResult
import java.util.concurrent.CompletableFuture

/** A running `flush()` or `shutdown()`: which events it covers, and what became of them. The queue's lock guards the counts. */
internal class Flush(private val startedAt: Long, val deadline: Long) {
    val future = CompletableFuture<FlushResult>()

    /** The number of the last event that it covers. */
    var sequence = 0L
    var pending = 0L
    var accepted = 0L
    var rejected = 0L
    var dropped = 0L

    /** Whether it began after the client's end, so that nothing will end it. */
    var isOrphaned = false

    fun result(now: Long) = FlushResult(accepted, rejected, dropped, pending, now - startedAt)
}
