package ai.segops.internal

import ai.segops.TransportResponse
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue

class AnswersTest {
    private val wall = 784_111_777_000 // Sun, 06 Nov 1994 08:49:37 GMT

    private fun read(answer: TransportResponse, count: Int = 2, isCompressed: Boolean = false) =
        Answers.read(answer, count, isCompressed, wall)

    @Test
    fun read_202ThatAddsUp_isAccepted() {
        val body = """{"accepted":1,"rejected":1,"errors":[{"index":1,"field":"user_id","code":"empty","message":"m"},
            {"index":1,"field":"event_type","code":"empty"},{"index":-1,"code":"batch"}],
            "warnings":[{"index":0,"field":"f","code":"unknown_field","message":"w"}]}"""
        val verdict = assertIs<Verdict.Accepted>(read(answer(202, body)))
        assertEquals(mapOf(1 to "user_id"), verdict.errors.mapValues { it.value.field })
        assertEquals(listOf("unknown_field"), verdict.warnings.map { it.code })
    }

    @Test
    fun read_2xxThatDoesNotAddUp_isTransient() {
        val answers = listOf(
            answer(200, """{"accepted":2,"rejected":0}"""),
            answer(202, "<html>Sign in</html>"),
            answer(202, """{"accepted":2,"rej"""),
            answer(202, """{"accepted":1,"rejected":0}"""),
            answer(202, """{"accepted":1,"rejected":1,"errors":[]}"""),
            answer(202, """{"accepted":"2","rejected":0}"""),
            answer(202, "[]"),
            answer(204),
        )
        answers.forEach { assertIs<Verdict.Transient>(read(it)) }
    }

    @Test
    fun read_statusesAndCodes_haveTheirMeaning() {
        assertIs<Verdict.Invalid>(read(problem(400, "validation_failed", ""","errors":[{"index":0}]""")))
        assertIs<Verdict.Transient>(read(problem(400, "bad_request")))
        listOf("malformed_json", "batch_too_large", "batch_empty", "new_code").forEach { assertIs<Verdict.Split>(read(problem(400, it))) }
        listOf(402, 406, 409, 410, 415, 422, 451).forEach { assertIs<Verdict.Split>(read(answer(it))) }
        assertTrue(assertIs<Verdict.Split>(read(problem(413, "body_too_large"))).isTooLarge)
        listOf(301, 302, 307, 401, 403, 404, 405).forEach { assertIs<Verdict.Hold>(read(answer(it))) }
        listOf(408, 429, 500, 502, 503, 504, 599, 100, 999).forEach { assertIs<Verdict.Transient>(read(answer(it))) }
        assertIs<Verdict.Uncompressed>(read(answer(415), isCompressed = true))
        assertEquals(7, assertIs<Verdict.Quota>(read(problem(429, "quota_exceeded", ""","remaining":7"""))).remaining)
    }

    @Test
    fun read_retryAfter_isSecondsOrDate() {
        fun after(vararg headers: Pair<String, String>) = assertIs<Verdict.Transient>(read(answer(503, "", *headers))).retryAfterMs
        assertEquals(2_000, after("Retry-After" to "2"))
        assertEquals(2_678_400_000, after("retry-after" to "2678400"))
        assertEquals(5_000, after("Retry-After" to "Sun, 06 Nov 1994 08:49:42 GMT"))
        assertEquals(0, after("Retry-After" to "Sun, 06 Nov 1994 08:49:00 GMT"))
        val served = arrayOf("Retry-After" to "Mon, 07 Nov 1994 00:00:09 GMT", "Date" to "Mon, 07 Nov 1994 00:00:00 GMT")
        assertEquals(9_000, after(*served))
        assertEquals(null, after("Retry-After" to "soon"))
        assertEquals(366 * 86_400_000L, after("Retry-After" to "9".repeat(30)))
    }

    @Test
    fun read_noCallLeft_pausesButNotForTheMonth() {
        fun pause(limits: String) =
            assertIs<Verdict.Accepted>(read(answer(202, """{"accepted":2,"rejected":0}""", "RateLimit" to limits))).pauseMs
        assertEquals(42_000, pause(""""minute";r=0;t=42, "month";r=9;t=551957"""))
        assertEquals(42_000, pause(""""address";r=3;t=1, "key"; r=0; t=42"""))
        assertEquals(0, pause(""""minute";r=1;t=42, "month";r=0;t=551957"""))
        assertEquals(0, pause("nonsense"))
    }
}
