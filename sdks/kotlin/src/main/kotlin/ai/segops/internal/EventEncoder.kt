package ai.segops.internal

import ai.segops.DropReason
import java.time.Instant

/** What is wrong with an event, in the words of the server's own errors. */
internal class Refusal(val reason: DropReason, val field: String, val code: String, val message: String)

/** An event as `track` leaves it: its JSON, or what is wrong with it. */
internal class EncodedEvent(val id: String, val type: String, val json: ByteArray?, val refusal: Refusal?, val isSnakeCase: Boolean)

/** Checks an event and writes its JSON, on the caller's thread. */
internal class EventEncoder(private val clock: Clock) {
    private val ids = EventIds(clock)

    /** Never throws, whatever the payload's own code does. */
    fun encode(userId: String, eventType: String, payload: Map<String, *>?, occurredAt: Instant?, eventId: String?): EncodedEvent {
        val id = eventId ?: ids.next()
        var json: ByteArray? = null
        val refusal =
            try {
                check(userId, eventType, occurredAt, eventId).also {
                    if (it ==
                        null
                    ) {
                        json = write(id, userId, eventType, payload, occurredAt)
                    }
                }
            } catch (failure: UnwritableException) {
                val reason = if (failure.code == "payload_too_large") DropReason.TOO_LARGE else DropReason.INVALID
                Refusal(reason, "payload", failure.code, failure.message.orEmpty())
            } catch (failure: Throwable) {
                Refusal(DropReason.INVALID, "payload", "unencodable", "Writing the payload failed with ${failure.javaClass.name}.")
            }
        return EncodedEvent(id, eventType, json, refusal, isSnakeCase(eventType))
    }

    private fun check(userId: String, eventType: String, occurredAt: Instant?, eventId: String?): Refusal? =
        text("user_id", userId, MAX_USER_ID) { it == '\u0000' }
            ?: text("event_type", eventType, MAX_EVENT_TYPE, Char::isISOControl)
            ?: occurredAt?.let(::time)
            ?: eventId?.takeUnless(EventIds::isValid)?.let {
                invalid("event_id", "invalid_event_id", "event_id must be a UUID with hyphens, and not the nil UUID.")
            }

    private fun text(field: String, value: String, limit: Int, isForbidden: (Char) -> Boolean): Refusal? {
        if (value.isEmpty()) return invalid(field, "empty", "$field must not be empty.")
        // A character beyond the basic plane is two units, so longer texts need no count.
        if (value.length > 2 * limit || value.codePointCount(0, value.length) > limit) {
            return invalid(field, "too_long", "$field must have at most $limit characters.")
        }
        if (value.any(isForbidden) || hasHalfPair(value)) {
            return invalid(field, "invalid_characters", "$field has control characters or half a surrogate pair.")
        }
        return null
    }

    private fun hasHalfPair(text: String): Boolean {
        var index = 0
        while (index < text.length) {
            val char = text[index++]
            if (!char.isSurrogate()) continue
            if (!char.isHighSurrogate() || index == text.length || !text[index++].isLowSurrogate()) return true
        }
        return false
    }

    private fun time(occurredAt: Instant): Refusal? {
        val seconds = occurredAt.epochSecond
        return when {
            seconds < Timestamps.EARLIEST_MS / 1_000 ->
                invalid("occurred_at", "timestamp_too_old", "occurred_at must not be before 2000-01-01.")

            seconds > (clock.wallMs() + Timestamps.DAY_MS) / 1_000 ->
                invalid("occurred_at", "timestamp_in_future", "occurred_at must not be more than 24 hours ahead.")

            else -> null
        }
    }

    private fun write(id: String, userId: String, eventType: String, payload: Map<String, *>?, occurredAt: Instant?): ByteArray {
        val writer = JsonWriter()
        writer.raw("{\"event_id\":")
        writer.string(id)
        writer.raw(",\"user_id\":")
        writer.string(userId)
        writer.raw(",\"event_type\":")
        writer.string(eventType)
        writer.raw(",\"occurred_at\":\"")
        writer.raw(Timestamps.iso(occurredAt?.toEpochMilli() ?: clock.wallMs()))
        writer.raw("\"")
        if (payload != null) {
            writer.raw(",\"payload\":")
            writer.limit = writer.size + MAX_PAYLOAD_BYTES
            writer.value(payload, maxLevel = MAX_LEVELS)
            writer.limit = Int.MAX_VALUE
        }
        writer.raw("}")
        return writer.toByteArray()
    }

    private fun invalid(field: String, code: String, message: String) = Refusal(DropReason.INVALID, field, code, message)

    companion object {
        const val MAX_PAYLOAD_BYTES = 32_768

        /** The code of the one warning that the client and the server both have. */
        const val NOT_SNAKE_CASE = "event_type_not_snake_case"
        private const val MAX_LEVELS = 10
        private const val MAX_USER_ID = 256
        private const val MAX_EVENT_TYPE = 128

        /** Words of a-z and 0-9 joined by single underscores, beginning with a letter. */
        fun isSnakeCase(text: String): Boolean {
            if (text.isEmpty() || text[0] !in 'a'..'z' || text.last() == '_') return false
            return text.indices.all { index ->
                val char = text[index]
                char in 'a'..'z' || char in '0'..'9' || (char == '_' && text[index - 1] != '_')
            }
        }
    }
}
