package ai.segops

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

class SegOpsOptionsTest {
    private fun build(url: String = "https://api.segops.ai", key: String = "pk_live_x", configure: SegOpsOptions.Builder.() -> Unit = {}) =
        SegOpsOptions.Builder(url, key).apply(configure).build()

    @Test
    fun build_defaults_areThoseOfServers() {
        val options = build()
        assertEquals("https://api.segops.ai/api/ingestion/track/batch/", options.endpoint.toString())
        assertEquals(
            listOf(100L, 5_000, 2_097_152, 10_000, 33_554_432),
            options.run {
                listOf(flushAt.toLong(), flushIntervalMs, maxBatchBytes.toLong(), maxQueueEvents.toLong(), maxQueueBytes)
            },
        )
        assertEquals(
            listOf(15_000L, 1_000, 60_000, 86_400_000, 10_000),
            options.run {
                listOf(requestTimeoutMs.toLong(), backoffBaseMs, backoffMaxMs, maxEventAgeMs, shutdownTimeoutMs)
            },
        )
        assertEquals(7 * 86_400_000L, build { persistence(java.io.File("x")) }.maxEventAgeMs)
    }

    @Test
    fun build_wrongSettings_sayWhich() {
        val wrong = listOf<Pair<String, () -> SegOpsOptions>>(
            "apiKey" to { build(key = "") },
            "apiKey" to { build(key = "pk\r\nX: y") },
            "apiUrl" to { build("ftp://host") },
            "apiUrl" to { build("no url") },
            "apiUrl" to { build("https://") },
            "apiUrl" to { build("https://user:secret@host") },
            "apiUrl" to { build("https://host?key=x") },
            "flushAt" to { build { flushAt(501) } },
            "flushIntervalMs" to { build { flushIntervalMs(0) } },
            "maxBatchBytes" to { build { maxBatchBytes(10_485_761) } },
            "maxQueueEvents" to { build { maxQueueEvents(0) } },
            "maxQueueBytes" to { build { maxQueueBytes(0) } },
            "requestTimeoutMs" to { build { requestTimeoutMs(0) } },
            "backoffBaseMs" to { build { backoffBaseMs(0) } },
            "backoffMaxMs" to { build { backoffMaxMs(1) } },
            "maxEventAgeMs" to { build { maxEventAgeMs(0) } },
            "shutdownTimeoutMs" to { build { shutdownTimeoutMs(-1) } },
        )
        wrong.forEach { (name, made) ->
            val message = assertFailsWith<IllegalArgumentException>(name) { made() }.message
            assertTrue(name in message.orEmpty(), message)
        }
    }

    @Test
    fun build_plainHttp_onlyToThisHostOrIfAllowed() {
        listOf("http://localhost:8080", "http://127.0.0.1", "http://[::1]:1/").forEach { build(it) }
        assertFailsWith<IllegalArgumentException> { build("http://127.example.org") }
        assertFailsWith<IllegalArgumentException> { build("http://api.segops.ai") }
        build("http://api.segops.ai") { allowInsecure(true) }
    }
}
