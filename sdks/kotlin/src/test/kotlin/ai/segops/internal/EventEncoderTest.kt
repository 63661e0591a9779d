package ai.segops.internal

import ai.segops.DropReason
import java.time.Instant
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class EventEncoderTest {
    private val clock = FakeClock()
    private val encoder = EventEncoder(clock)

    private fun encode(
        userId: String = "u",
        eventType: String = "order_placed",
        payload: Map<String, *>? = null,
        occurredAt: Instant? = null,
        eventId: String? = null,
    ) = encoder.encode(userId, eventType, payload, occurredAt, eventId)

    private fun nested(levels: Int): Map<String, Any> = if (levels == 1) mapOf("end" to 1) else mapOf("in" to nested(levels - 1))

    @Test
    fun encode_validEvent_hasAllFieldsInOrder() {
        val event = encode(payload = mapOf("total" to 89.95))
        val expected = """{"event_id":"${event.id}","user_id":"u","event_type":"order_placed",""" +
            """"occurred_at":"${Timestamps.iso(clock.wall)}","payload":{"total":89.95}}"""
        assertEquals(expected, assertNotNull(event.json).toString(Charsets.UTF_8))
    }

    @Test
    fun encode_givenIdAndTime_keepsThem() {
        val id = "01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41"
        val event = encode(eventId = id, occurredAt = Instant.parse("2025-01-31T13:45:59.123Z"))
        assertEquals(id, event.id)
        assertTrue("\"2025-01-31T13:45:59.123Z\"" in assertNotNull(event.json).toString(Charsets.UTF_8))
    }

    @Test
    fun encode_atTheLimits_isValid() {
        val events = listOf(
            encode(userId = "😀".repeat(256)),
            encode(eventType = "😀".repeat(128)),
            encode(payload = mapOf("a" to "x".repeat(32_768 - 8))),
            encode(payload = mapOf("a" to "x" + "語".repeat(10_919))),
            encode(payload = nested(10)),
            encode(occurredAt = Instant.ofEpochMilli(clock.wall).plusSeconds(86_400)),
            encode(occurredAt = Instant.parse("2000-01-01T00:00:00Z")),
        )
        events.forEach { assertNull(it.refusal?.message) }
    }

    @Test
    fun encode_beyondTheLimits_saysWhatIsWrong() {
        val events = mapOf(
            encode(userId = "") to "user_id empty",
            encode(userId = "😀".repeat(257)) to "user_id too_long",
            encode(userId = "a\u0000b") to "user_id invalid_characters",
            encode(userId = "a\ud83d") to "user_id invalid_characters",
            encode(eventType = "a".repeat(129)) to "event_type too_long",
            encode(eventType = "a\u0085b") to "event_type invalid_characters",
            encode(payload = nested(11)) to "payload payload_too_deep",
            encode(payload = mapOf("a" to listOf<Any>(nested(9)))) to "payload payload_too_deep",
            encode(payload = mapOf("a" to Any())) to "payload unencodable",
            encode(occurredAt = Instant.ofEpochMilli(clock.wall).plusSeconds(86_401)) to "occurred_at timestamp_in_future",
            encode(occurredAt = Instant.parse("1999-12-31T23:59:59Z")) to "occurred_at timestamp_too_old",
            encode(occurredAt = Instant.MAX) to "occurred_at timestamp_in_future",
            encode(eventId = "order-1") to "event_id invalid_event_id",
        )
        events.forEach { (event, expected) ->
            val refusal = assertNotNull(event.refusal, expected)
            assertEquals(expected to DropReason.INVALID, "${refusal.field} ${refusal.code}" to refusal.reason)
        }
    }

    @Test
    fun encode_payloadOver32768Bytes_isTooLarge() {
        val payloads = listOf("x".repeat(32_768 - 7), "語".repeat(10_921), "x".repeat(50_000_000))
        payloads.forEach { assertEquals(DropReason.TOO_LARGE, encode(payload = mapOf("a" to it)).refusal?.reason) }
    }

    @Test
    fun encode_payloadThatThrows_isInvalid() {
        val error = object : AbstractMap<String, Any>() {
            override val entries: Set<Map.Entry<String, Any>> get() = TODO("never")
        }
        val cycle = HashMap<String, Any>().apply { put("self", this) }
        listOf(error, cycle).forEach { assertEquals(DropReason.INVALID, encode(payload = it).refusal?.reason) }
    }

    @Test
    fun encode_clockIn1970_isValidWithoutGivenTime() {
        clock.wall = 0
        assertNull(encode().refusal)
    }

    @Test
    fun isSnakeCase_variousTexts_isAsTheServer() {
        listOf("a", "order_placed", "a1_2b").forEach { assertTrue(EventEncoder.isSnakeCase(it), it) }
        listOf("", "A", "orderPlaced", "_a", "a_", "a__b", "1a", "a b", "é").forEach { assertFalse(EventEncoder.isSnakeCase(it), it) }
    }
}
