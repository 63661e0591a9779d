package ai.segops.internal

import java.math.BigDecimal
import java.math.BigInteger
import java.time.Instant
import java.util.Date
import java.util.UUID
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong

/** A value that has no JSON form, or whose nesting or size is over the limit. */
internal class UnwritableException(val code: String, message: String) : RuntimeException(message, null, false, false)

/** Writes JSON as UTF-8 into one array. */
internal class JsonWriter(capacity: Int = 256) {
    private var bytes = ByteArray(capacity)

    /** The size above which a write fails. */
    var limit = Int.MAX_VALUE
    var size = 0
        private set

    fun toByteArray(): ByteArray = bytes.copyOf(size)

    /** Writes text that is ASCII and already JSON. */
    fun raw(text: String) {
        reserve(text.length)
        for (char in text) bytes[size++] = char.code.toByte()
    }

    fun raw(json: ByteArray) {
        reserve(json.size)
        json.copyInto(bytes, size)
        size += json.size
    }

    /** Writes an object or any other value that has a JSON form. [level] counts the objects and arrays around it. */
    fun value(value: Any?, level: Int = 0, maxLevel: Int = Int.MAX_VALUE) {
        when (value) {
            null -> raw("null")

            is CharSequence -> string(value)

            is Boolean, is Int, is Long, is Short, is Byte, is BigInteger, is BigDecimal, is AtomicInteger, is AtomicLong -> raw(
                value.toString(),
            )

            is Double -> number(value.isFinite(), value)

            is Float -> number(value.isFinite(), value)

            is Map<*, *> -> map(value, nested(level, maxLevel), maxLevel)

            is Iterable<*> -> list(value, nested(level, maxLevel), maxLevel)

            is Array<*> -> list(value.asList(), nested(level, maxLevel), maxLevel)

            is IntArray -> list(value.asList(), nested(level, maxLevel), maxLevel)

            is LongArray -> list(value.asList(), nested(level, maxLevel), maxLevel)

            is DoubleArray -> list(value.asList(), nested(level, maxLevel), maxLevel)

            is FloatArray -> list(value.asList(), nested(level, maxLevel), maxLevel)

            is BooleanArray -> list(value.asList(), nested(level, maxLevel), maxLevel)

            is Enum<*> -> string(value.name)

            is Char, is UUID -> string(value.toString())

            is Instant -> string(value.toString())

            is Date -> string(Timestamps.iso(value.time))

            else -> throw UnwritableException("unencodable", "A value of the class ${value.javaClass.name} has no JSON form.")
        }
    }

    private fun nested(level: Int, maxLevel: Int): Int {
        if (level == maxLevel) throw UnwritableException("payload_too_deep", "The payload nests deeper than $maxLevel levels.")
        return level + 1
    }

    private fun number(finite: Boolean, value: Number) {
        if (!finite) throw UnwritableException("unencodable", "NaN and infinite numbers have no JSON form.")
        raw(value.toString())
    }

    private fun map(map: Map<*, *>, level: Int, maxLevel: Int) {
        raw("{")
        var first = true
        for ((key, value) in map) {
            if (!first) raw(",")
            first = false
            when (key) {
                is CharSequence -> string(key)
                is Enum<*> -> string(key.name)
                is Number, is UUID -> string(key.toString())
                else -> throw UnwritableException("unencodable", "The key of a map must be a string.")
            }
            raw(":")
            value(value, level, maxLevel)
        }
        raw("}")
    }

    private fun list(items: Iterable<*>, level: Int, maxLevel: Int) {
        raw("[")
        var first = true
        for (item in items) {
            if (!first) raw(",")
            first = false
            value(item, level, maxLevel)
        }
        raw("]")
    }

    fun string(text: CharSequence) {
        reserve(text.length + 2)
        byte('"'.code)
        var index = 0
        val length = text.length
        while (index < length) {
            val char = text[index++]
            if (char in ' '..'~' && char != '"' && char != '\\') {
                byte(char.code)
            } else if (char.isHighSurrogate() && index < length && text[index].isLowSurrogate()) {
                utf8(Character.toCodePoint(char, text[index++]))
            } else if (char.isSurrogate() || char < ' ' || char == '"' || char == '\\') {
                escape(char)
            } else {
                utf8(char.code)
            }
        }
        byte('"'.code)
    }

    private fun utf8(code: Int) {
        when {
            code < 0x80 -> byte(code)
            code < 0x800 -> byte(0xc0 or (code shr 6))
            code < 0x10000 -> byte(0xe0 or (code shr 12))
            else -> byte(0xf0 or (code shr 18))
        }
        if (code >= 0x10000) continuation(code shr 12)
        if (code >= 0x800) continuation(code shr 6)
        if (code >= 0x80) continuation(code)
    }

    private fun continuation(bits: Int) = byte(0x80 or (bits and 0x3f))

    private fun byte(value: Int) {
        reserve(1)
        bytes[size++] = value.toByte()
    }

    private fun escape(char: Char) = when (char) {
        '"' -> raw("\\\"")
        '\\' -> raw("\\\\")
        '\n' -> raw("\\n")
        '\r' -> raw("\\r")
        '\t' -> raw("\\t")
        else -> raw("\\u" + char.code.toString(16).padStart(4, '0'))
    }

    private fun reserve(count: Int) {
        val needed = size.toLong() + count
        if (needed > limit) throw UnwritableException("payload_too_large", "The payload is over ${EventEncoder.MAX_PAYLOAD_BYTES} bytes.")
        if (needed > bytes.size) bytes = bytes.copyOf(maxOf(needed, 2L * bytes.size).toInt())
    }
}
