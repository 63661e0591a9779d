package ai.segops.internal

import ai.segops.TransportResponse

/** An entry of `errors` or `warnings` of an answer. */
internal class ItemError(val index: Int?, val field: String?, val code: String?, val message: String?)

/** What an answer means for the events of its request. */
internal sealed class Verdict {
    /** 202: all are accepted but those named in [errors]. */
    class Accepted(val errors: Map<Int, ItemError>, val warnings: List<ItemError>, val pauseMs: Long) : Verdict()

    /** 400 `validation_failed`: those named in [errors] are rejected, the others undecided. */
    class Invalid(val errors: Map<Int, ItemError>) : Verdict()

    /** Something in the request is refused, and only smaller requests can tell what. */
    class Split(val status: Int, val code: String?, val isTooLarge: Boolean) : Verdict()

    /** No event's fault: the same again, later. */
    class Transient(val status: Int?, val code: String?, val retryAfterMs: Long?) : Verdict()

    /** The events of the month or the day are used up but for [remaining]. */
    class Quota(val remaining: Int) : Verdict()

    /** The configuration is wrong, not the events. */
    class Hold(val status: Int, val code: String?, val retryAfterMs: Long?) : Verdict()

    /** 415 for a compressed body. */
    object Uncompressed : Verdict()
}

/** Reads answers. Whatever it does not understand is never a success. */
internal object Answers {
    private const val MAX_RETRY_AFTER_MS = 366 * Timestamps.DAY_MS

    fun read(answer: TransportResponse, count: Int, isCompressed: Boolean, wallMs: Long): Verdict {
        val status = answer.status
        val body = body(answer)
        val code = body?.get("code") as? String
        val retryAfterMs = retryAfter(answer, wallMs)
        return when {
            status == 202 -> accepted(answer, body, count) ?: Verdict.Transient(status, "unexpected_answer", retryAfterMs)
            status in 200..299 -> Verdict.Transient(status, "unexpected_answer", retryAfterMs)
            status == 415 && isCompressed -> Verdict.Uncompressed
            status == 429 && code == "quota_exceeded" -> Verdict.Quota(number(body["remaining"]) ?: 0)
            status == 429 || status == 408 || status >= 500 -> Verdict.Transient(status, code, retryAfterMs)
            status == 400 && code == "bad_request" -> Verdict.Transient(status, code, retryAfterMs)
            status == 400 && code == "validation_failed" -> Verdict.Invalid(errors(body, count))
            status in 300..399 || status == 401 || status in 403..405 -> Verdict.Hold(status, code, retryAfterMs)
            status in 400..499 -> Verdict.Split(status, code, isTooLarge = status == 413)
            else -> Verdict.Transient(status, "unexpected_answer", retryAfterMs)
        }
    }

    private fun accepted(answer: TransportResponse, body: Map<*, *>?, count: Int): Verdict? {
        val rejected = number(body?.get("rejected"))
        if (body == null || rejected == null || number(body["accepted"])?.plus(rejected) != count) return null
        val errors = errors(body, count)
        // Without the indexes of all rejected events, it is unknown which ones were accepted.
        if (errors.size != rejected) return null
        return Verdict.Accepted(errors, items(body["warnings"]), pause(answer))
    }

    /** The first error of each event, by the event's index. */
    private fun errors(body: Map<*, *>, count: Int): Map<Int, ItemError> {
        val errors = LinkedHashMap<Int, ItemError>()
        for (error in items(body["errors"])) {
            val index = error.index ?: continue
            if (index in 0 until count && index !in errors) errors[index] = error
        }
        return errors
    }

    private fun items(list: Any?): List<ItemError> = (list as? List<*>).orEmpty().filterIsInstance<Map<*, *>>().map {
        ItemError(number(it["index"]), it["field"] as? String, it["code"] as? String, it["message"] as? String)
    }

    private fun number(value: Any?): Int? = (value as? Long)?.takeIf { it in Int.MIN_VALUE..Int.MAX_VALUE }?.toInt()

    private fun body(answer: TransportResponse): Map<*, *>? = try {
        JsonReader.read(answer.body.toString(Charsets.UTF_8)) as? Map<*, *>
    } catch (_: JsonException) {
        null
    }

    /** Seconds, or a date. A date is compared with the server's own clock where it tells it. */
    private fun retryAfter(answer: TransportResponse, wallMs: Long): Long? {
        val text = answer.header("Retry-After")?.trim() ?: return null
        if (text.isNotEmpty() && text.all { it in '0'..'9' }) {
            return text.toLongOrNull()?.takeIf { it < MAX_RETRY_AFTER_MS / 1_000 }?.times(1_000) ?: MAX_RETRY_AFTER_MS
        }
        val date = Timestamps.parseHttpDate(text) ?: return null
        val now = answer.header("Date")?.let(Timestamps::parseHttpDate) ?: wallMs
        return (date - now).coerceIn(0, MAX_RETRY_AFTER_MS)
    }

    /**
     * How long no call is left, by `RateLimit: "minute";r=0;t=42`. The quota of the month or the day has an answer of its own, which
     * says more.
     */
    private fun pause(answer: TransportResponse): Long {
        val limits = answer.header("RateLimit") ?: return 0
        return limits.split(',').maxOf { limit ->
            val parts = limit.split(';').map { it.trim() }
            val isQuota = parts[0].trim('"') in setOf("month", "day")
            val seconds = parts.firstOrNull { it.startsWith("t=") }?.drop(2)?.toLongOrNull() ?: 0
            if ("r=0" in parts && !isQuota) seconds.coerceIn(0, MAX_RETRY_AFTER_MS / 1_000) * 1_000 else 0
        }
    }
}
