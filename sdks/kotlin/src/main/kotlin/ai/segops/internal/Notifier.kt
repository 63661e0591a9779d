package ai.segops.internal

import ai.segops.ClientError
import ai.segops.DroppedEvent
import ai.segops.EventWarning
import ai.segops.FlushResult
import ai.segops.LogLevel
import ai.segops.SegOpsOptions
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicInteger
import java.util.function.Consumer

/** Calls the user's code in order, on a thread that neither the caller nor the sending waits for. What it throws is ignored. */
internal class Notifier(private val options: SegOpsOptions, private val clock: Clock, private val executor: Executor) {
    private val waiting = AtomicInteger()
    private val logged = HashMap<String, Long>()

    fun dropped(event: DroppedEvent) {
        log(LogLevel.WARNING, "drop ${event.reason}") { "An event was dropped: ${event.reason.code}. stats() has the count." }
        notify(options.onDrop, event)
    }

    fun dropped(losses: List<Loss>) = losses.forEach {
        val error = it.error
        dropped(DroppedEvent(it.event.id, it.event.type, it.reason, it.status, error?.index, error?.code, error?.field, error?.message))
    }

    fun failed(error: ClientError) {
        log(LogLevel.ERROR, "error ${error.kind} ${error.status}") { error.message }
        notify(options.onError, error)
    }

    fun warned(warning: EventWarning) {
        log(LogLevel.DEBUG, "warning ${warning.code}") { "An event has the warning ${warning.code}." }
        notify(options.onWarning, warning)
    }

    fun completed(flush: Flush, result: FlushResult) = post { flush.future.complete(result) }

    /** Writes a line, unless one with the same [reason] was written within a minute. */
    fun log(level: LogLevel, reason: String, message: () -> String) {
        val now = clock.monotonicMs()
        synchronized(logged) {
            val last = logged[reason]
            if (last != null && now - last < LOG_INTERVAL_MS) return
            logged[reason] = now
        }
        val text = message()
        post { options.logger.log(level, text) }
    }

    private fun <T> notify(callback: Consumer<T>?, value: T) {
        if (callback == null) return
        if (waiting.get() >= MAX_WAITING) {
            log(LogLevel.ERROR, "callbacks") {
                "More than $MAX_WAITING callbacks wait: the application's are too slow. Further ones are skipped."
            }
            return
        }
        post { callback.accept(value) }
    }

    private fun post(action: () -> Unit) {
        waiting.incrementAndGet()
        try {
            executor.execute {
                waiting.decrementAndGet()
                try {
                    action()
                } catch (_: Throwable) {
                    // The user's code failed. Its own reports are the user's.
                }
            }
        } catch (_: Throwable) {
            // The system has no thread left. Neither track() nor the sending may fail for it.
            waiting.decrementAndGet()
        }
    }

    private companion object {
        const val LOG_INTERVAL_MS = 60_000L

        /** About 20 MB of callbacks. A callback that never returns must not fill the memory. */
        const val MAX_WAITING = 100_000
    }
}
