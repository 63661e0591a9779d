package ai.segops.internal

import java.util.UUID
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

class EventIdsTest {
    private val clock = FakeClock()
    private val ids = EventIds(clock)

    @Test
    fun next_always_isUuidOfVersion7WithTheTime() {
        val id = UUID.fromString(ids.next())
        assertEquals(7, id.version())
        assertEquals(2, id.variant())
        assertEquals(clock.wall, id.mostSignificantBits ushr 16)
    }

    @Test
    fun next_withinOneMillisecond_increases() {
        val made = List(100_000) { ids.next() }
        assertEquals(made.sorted(), made)
        assertEquals(made.size, made.toSet().size)
    }

    @Test
    fun next_clockGoesBack_increases() {
        val first = ids.next()
        clock.wall -= 60_000
        assertTrue(ids.next() > first)
    }

    @Test
    fun isValid_variousTexts_takesUuidsOnly() {
        assertTrue(EventIds.isValid("01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41"))
        assertTrue(EventIds.isValid("01981B3E-7C1A-7B1C-8F02-6D1B9F3A2C41"))
        val wrong = listOf(
            "",
            "order-1",
            "00000000-0000-0000-0000-000000000000",
            "01981b3e7c1a7b1c8f026d1b9f3a2c41",
            "01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c4g",
            "01981b3e-7c1a-7b1c-8f0206d1b9f3a2c41",
        )
        wrong.forEach { assertFalse(EventIds.isValid(it), it) }
    }
}
