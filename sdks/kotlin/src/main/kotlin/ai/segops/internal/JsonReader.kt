package ai.segops.internal

/** The text is not JSON. The message holds no part of it. */
internal class JsonException(message: String) : Exception(message)

/** Reads JSON into maps, lists, strings, longs, doubles, booleans and null. */
internal class JsonReader private constructor(private val text: String) {
    private var at = 0

    private fun document(): Any? {
        val value = value(0)
        space()
        if (at != text.length) fail()
        return value
    }

    private fun value(level: Int): Any? {
        if (level > MAX_LEVEL) fail()
        space()
        return when (peek()) {
            '{' -> map(level)
            '[' -> list(level)
            '"' -> string()
            't' -> literal("true", true)
            'f' -> literal("false", false)
            'n' -> literal("null", null)
            else -> number()
        }
    }

    private fun map(level: Int): Map<String, Any?> {
        val map = LinkedHashMap<String, Any?>()
        at++
        if (skip('}')) return map
        do {
            space()
            if (peek() != '"') fail()
            val key = string()
            if (!skip(':')) fail()
            map[key] = value(level + 1)
        } while (skip(','))
        if (!skip('}')) fail()
        return map
    }

    private fun list(level: Int): List<Any?> {
        val list = ArrayList<Any?>()
        at++
        if (skip(']')) return list
        do list.add(value(level + 1)) while (skip(','))
        if (!skip(']')) fail()
        return list
    }

    private fun string(): String {
        at++
        val result = StringBuilder()
        while (true) {
            when (val char = next()) {
                '"' -> return result.toString()
                '\\' -> result.append(escaped())
                else -> if (char < ' ') fail() else result.append(char)
            }
        }
    }

    private fun escaped(): Char = when (val char = next()) {
        '"', '\\', '/' -> char

        'b' -> '\b'

        'f' -> '\u000c'

        'n' -> '\n'

        'r' -> '\r'

        't' -> '\t'

        'u' -> {
            if (at + 4 > text.length) fail()
            val code = text.substring(at, at + 4)
            at += 4
            if (!code.all { it in '0'..'9' || it in 'a'..'f' || it in 'A'..'F' }) fail()
            code.toInt(16).toChar()
        }

        else -> fail()
    }

    private fun number(): Any {
        val match = NUMBER.matchAt(text, at) ?: fail()
        at = match.range.last + 1
        return match.value.toLongOrNull() ?: match.value.toDouble()
    }

    private fun <T> literal(word: String, value: T): T {
        if (!text.startsWith(word, at)) fail()
        at += word.length
        return value
    }

    private fun skip(char: Char): Boolean {
        space()
        val found = at < text.length && text[at] == char
        if (found) at++
        return found
    }

    private fun space() {
        while (at < text.length && text[at] in " \t\r\n") at++
    }

    private fun peek(): Char = if (at < text.length) text[at] else fail()

    private fun next(): Char = peek().also { at++ }

    private fun fail(): Nothing = throw JsonException("The text is not JSON at character $at.")

    companion object {
        private const val MAX_LEVEL = 64
        private val NUMBER = Regex("""-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?""")

        /** @throws JsonException if the text is not JSON. */
        fun read(text: String): Any? = JsonReader(text).document()
    }
}
