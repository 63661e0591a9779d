package ai.segops.internal

import ai.segops.ErrorKind
import ai.segops.SegOpsOptions
import java.util.Random

/** An episode in which the client keeps its events back and asks with one of them from time to time. */
internal class Hold(
    val kind: ErrorKind,
    /** The size of the batch that was refused. */
    val batchSize: Int,
    /** How many events the quota still has room for. They are sent once. */
    var grant: Int,
) {
    var probeAt = 0L
    var probes = 0
}

/** When the next request may be sent: backoff, `Retry-After`, and holds with their probes. */
internal class Pace(private val options: SegOpsOptions, private val clock: Clock, private val random: Random) {
    private var notBefore = Long.MIN_VALUE

    /** Failures since the last success. */
    var failures = 0
        private set
    var hold: Hold? = null
        private set

    /** The earliest moment of the next request. */
    val readyAt: Long
        get() {
            val probeAt = hold?.let { if (it.grant > 0) null else it.probeAt } ?: Long.MIN_VALUE
            return maxOf(notBefore, probeAt)
        }

    fun succeeded(pauseMs: Long = 0) {
        failures = 0
        if (pauseMs > 0) pause(pauseMs)
    }

    /** Sets the pause after a failure and returns it. A pause is never shortened. */
    fun failed(retryAfterMs: Long? = null): Long {
        failures++
        val ms = maxOf(backoff(), retryAfterMs ?: 0)
        pause(ms)
        hold?.let(::reschedule)
        return ms
    }

    /** Begins or continues a hold. Returns whether it is a new episode. */
    fun holdFor(kind: ErrorKind, batchSize: Int, grant: Int = 0, retryAfterMs: Long? = null): Boolean {
        val isNew = hold?.kind != kind
        val current = if (isNew) Hold(kind, batchSize, grant).also { hold = it } else checkNotNull(hold)
        reschedule(current)
        failures = 0
        if (retryAfterMs != null) pause(retryAfterMs)
        return isNew
    }

    /** Ends the hold and returns it. */
    fun release(): Hold? = hold.also { hold = null }

    /** The next probe comes a whole interval later, with up to a fifth more or less, so that clients do not ask in step. */
    fun reschedule(hold: Hold) {
        val interval = if (hold.kind == ErrorKind.QUOTA) options.quotaProbeMs else options.configurationProbeMs
        hold.probeAt = clock.monotonicMs() + (interval * (0.8 + 0.4 * random.nextDouble())).toLong()
    }

    private fun pause(ms: Long) {
        notBefore = maxOf(notBefore, clock.monotonicMs() + ms)
    }

    private fun backoff(): Long {
        val doublings = (failures - 1).coerceAtMost(30)
        val longest = minOf(options.backoffMaxMs.toDouble(), options.backoffBaseMs.toDouble() * (1L shl doublings))
        return (longest / 2 + longest / 2 * random.nextDouble()).toLong()
    }
}
