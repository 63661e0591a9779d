package ai.segops.internal

import java.math.BigDecimal
import java.time.Instant
import java.util.Date
import java.util.Random
import java.util.UUID
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class JsonTest {
    private enum class Plan { PRO }

    private fun write(value: Any?) = JsonWriter(1).apply { value(value) }.toByteArray().toString(Charsets.UTF_8)

    @Test
    fun value_eachType_isJson() {
        val id = UUID.fromString("01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41")
        val values = linkedMapOf(
            "int" to 1,
            "long" to Long.MIN_VALUE,
            "double" to 89.95,
            "float" to 1.5f,
            "big" to BigDecimal("1E+3"),
            "bool" to true,
            "none" to null,
            "char" to 'c',
            "enum" to Plan.PRO,
            "id" to id,
            "at" to Instant.ofEpochMilli(0),
            "date" to Date(0),
            "list" to listOf(1, "a"),
            "array" to arrayOf("b"),
            "ints" to intArrayOf(1, 2),
            "map" to mapOf(Plan.PRO to 1, 2 to 3),
        )
        val expected =
            """{"int":1,"long":-9223372036854775808,"double":89.95,"float":1.5,"big":1E+3,"bool":true,"none":null,"char":"c",""" +
                """"enum":"PRO","id":"$id","at":"1970-01-01T00:00:00Z","date":"1970-01-01T00:00:00.000Z","list":[1,"a"],"array":["b"],""" +
                """"ints":[1,2],"map":{"PRO":1,"2":3}}"""
        assertEquals(expected, write(values))
    }

    @Test
    fun string_specialCharacters_areEscapedOrUtf8() {
        assertEquals(""""\"\\\n\r\t\u0000\u001f/é語😀\ud83d"""", write("\"\\\n\r\t\u0000\u001f/é語😀\ud83d"))
    }

    @Test
    fun value_withoutJsonForm_fails() {
        val wrong = listOf(Double.NaN, Float.POSITIVE_INFINITY, Any(), mapOf(null to 1))
        wrong.forEach { assertEquals("unencodable", assertFailsWith<UnwritableException> { write(it) }.code) }
    }

    @Test
    fun read_writtenText_isTheSameValue() {
        val random = Random(2)
        repeat(2_000) {
            val value = anything(random, 0)
            assertEquals(value, JsonReader.read(write(value)))
        }
    }

    private fun anything(random: Random, level: Int): Any? = when (random.nextInt(if (level < 4) 8 else 6)) {
        0 -> null
        1 -> random.nextBoolean()
        2 -> random.nextLong()
        3 -> random.nextGaussian()
        4, 5 -> String(CharArray(random.nextInt(12)) { random.nextInt(0x10000).toChar() })
        6 -> List(random.nextInt(4)) { anything(random, level + 1) }
        else -> (0 until random.nextInt(4)).associate { "k${random.nextInt()}" to anything(random, level + 1) }
    }

    @Test
    fun read_brokenText_fails() {
        val whole = """{"a":[1,-2.5e3,"\u00e9\n",true,false,null,{}]}"""
        JsonReader.read(whole)
        whole.indices.forEach { end -> assertFailsWith<JsonException> { JsonReader.read(whole.take(end)) } }
        val wrong =
            listOf("", "{a:1}", "[1,]", "01", "+1", "\"\u0001\"", "\"\\x\"", "\"\\u00g0\"", "nul", "1 2", "[".repeat(1_000), "<html>")
        wrong.forEach { assertFailsWith<JsonException>(it) { JsonReader.read(it) } }
    }
}
