package ai.segops.internal

import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.util.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull

class TimestampsTest {
    private val reference = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC)

    @Test
    fun iso_manyTimes_isAsJavaWritesIt() {
        val random = Random(1)
        val times =
            List(20_000) { (random.nextDouble() * 253_402_300_799_999).toLong() } + listOf(0L, -1L, 951_782_400_000, 4_107_542_400_000)
        times.forEach { assertEquals(reference.format(Instant.ofEpochMilli(it)), Timestamps.iso(it)) }
    }

    @Test
    fun parseHttpDate_threeForms_areTheSameTime() {
        val forms = listOf("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994")
        assertEquals(listOf(784_111_777_000), forms.map(Timestamps::parseHttpDate).distinct())
    }

    @Test
    fun parseHttpDate_otherText_isNull() = assertNull(Timestamps.parseHttpDate("tomorrow"))
}
