package ai.segops.internal

import java.nio.ByteBuffer
import java.security.SecureRandom

/** Makes UUIDs of version 7 (RFC 9562) that increase, also within a millisecond and when the clock goes back. */
internal class EventIds(private val clock: Clock) {
    private val random = SecureRandom()

    // One call of the generator for many ids: it costs more than the rest of track().
    private val drawn = ByteBuffer.allocate(2048).apply { position(limit()) }
    private var lastMs = -1L
    private var high = 0
    private var low = 0L

    @Synchronized
    fun next(): String {
        val now = clock.wallMs().coerceIn(0, MAX_MS)
        if (now > lastMs) {
            lastMs = now
            // The top bit stays free, so that the millisecond has room to count on.
            high = entropy(4).getInt() and 0x7ff
            low = entropy(8).getLong() and LOW_MASK
        } else {
            low += 1 + (entropy(4).getInt().toLong() and 0x7fff_ffff)
            if (low > LOW_MASK) carry()
        }
        return format(lastMs shl 16 or 0x7000 or high.toLong(), low or VARIANT)
    }

    private fun carry() {
        low = low and LOW_MASK
        if (++high > 0xfff) {
            high = 0
            lastMs++
        }
    }

    private fun entropy(bytes: Int): ByteBuffer {
        if (drawn.remaining() < bytes) {
            random.nextBytes(drawn.array())
            drawn.rewind()
        }
        return drawn
    }

    companion object {
        private const val MAX_MS = 0xffff_ffff_ffffL
        private const val LOW_MASK = 0x3fff_ffff_ffff_ffffL
        private const val VARIANT = Long.MIN_VALUE
        private const val HEX = "0123456789abcdef"
        private const val LENGTH = 36

        private fun isHyphen(index: Int) = index == 8 || index == 13 || index == 18 || index == 23

        private fun format(most: Long, least: Long): String {
            val text = CharArray(LENGTH)
            var digit = 0
            for (index in text.indices) {
                if (isHyphen(index)) {
                    text[index] = '-'
                    continue
                }
                val half = if (digit < 16) most else least
                text[index] = HEX[(half ushr (60 - 4 * (digit and 15))).toInt() and 15]
                digit++
            }
            return String(text)
        }

        /** Whether the server takes the text as an event id: a UUID with hyphens that is not the nil UUID. */
        fun isValid(id: String): Boolean {
            if (id.length != LENGTH) return false
            var zero = true
            for (index in id.indices) {
                val char = id[index]
                if (isHyphen(index)) {
                    if (char != '-') return false
                } else {
                    if (char !in '0'..'9' && char !in 'a'..'f' && char !in 'A'..'F') return false
                    if (char != '0') zero = false
                }
            }
            return !zero
        }
    }
}
