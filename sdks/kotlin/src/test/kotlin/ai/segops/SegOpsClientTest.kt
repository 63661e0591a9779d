package ai.segops

import ai.segops.LoopbackServer.Companion.answer
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** The whole client, over real sockets. */
class SegOpsClientTest {
    private val drops = ConcurrentLinkedQueue<DroppedEvent>()

    private fun client(url: String, configure: SegOpsOptions.Builder.() -> Unit = {}) = SegOpsClient(url, "pk_test_secret") {
        logger { _, _ -> }
        onDrop(drops::add)
        configure()
    }

    @Test
    fun track_event_arrivesAsTheApiWantsIt() = LoopbackServer().use { server ->
        client(server.url).use { client ->
            val id = client.track("user-1", "order_placed", mapOf("total" to 89.95))
            assertEquals(1, runBlocking { client.flush() }.accepted)
            val request = server.next()
            assertEquals("POST /api/ingestion/track/batch/ HTTP/1.1", request.line)
            assertEquals("ApiKey pk_test_secret", request.headers["authorization"])
            assertEquals("application/json", request.headers["content-type"])
            val fields = """"event_id":"$id","user_id":"user-1","event_type":"order_placed","occurred_at":"[^"]+Z""""
            val event = """\{$fields,"payload":\{"total":89.95}}"""
            assertTrue(Regex("""\{"sent_at":"[^"]+Z","events":\[$event]}""").matches(request.json), request.json)
        }
    }

    @Test
    fun identify_traits_areTheEventContextIdentified() = LoopbackServer().use { server ->
        client(server.url).use { client ->
            client.identify("user-1", mapOf("plan" to "pro", "company" to null))
            client.flushAsync().get()
            val json = server.next().json
            assertTrue(""""event_type":"context_identified"""" in json && """"payload":{"plan":"pro","company":null}""" in json)
        }
    }

    @Test
    fun track_payloadChangedAfterwards_isSentAsItWas() = LoopbackServer().use { server ->
        client(server.url).use { client ->
            val inner = mutableListOf("a")
            val payload = mutableMapOf<String, Any>("list" to inner)
            client.track("u", "t", payload)
            inner.add("b")
            payload["more"] = 1
            client.flushAsync().get()
            assertTrue(""""payload":{"list":["a"]}""" in server.next().json)
        }
    }

    @Test
    fun track_notSnakeCase_warnsOnce() {
        val warnings = ConcurrentLinkedQueue<EventWarning>()
        LoopbackServer { socket, _ ->
            answer(socket, "202 Accepted", """{"accepted":1,"rejected":0,"warnings":[{"index":0,"code":"event_type_not_snake_case"}]}""")
        }.use { server ->
            client(server.url) { onWarning(warnings::add) }.use { client ->
                val id = client.track("u", "OrderPlaced")
                client.flushAsync().get()
                assertEquals(listOf<String?>(id), warnings.map { it.eventId })
            }
        }
    }

    @Test
    fun track_invalidEvent_isDroppedWithItsId() = LoopbackServer().use { server ->
        val client = client(server.url)
        val id = client.track("", "t")
        client.close()
        assertEquals(listOf(Triple(id, DropReason.INVALID, "empty")), drops.map { Triple(it.eventId, it.reason, it.code) })
        assertEquals(1 to 0, client.stats().tracked.toInt() to server.requests.size)
    }

    @Test
    fun track_afterClose_isDropped() = LoopbackServer().use { server ->
        val dropped = CountDownLatch(1)
        val client = client(server.url) { onDrop { if (it.reason == DropReason.CLOSED) dropped.countDown() } }
        client.close()
        client.close()
        client.track("u", "t")
        assertTrue(dropped.await(120, TimeUnit.SECONDS))
        assertEquals(0, client.flushAsync().get().remaining)
        assertEquals(mapOf(DropReason.CLOSED to 1L), client.stats().drops)
    }

    @Test
    fun track_manyThreadsAndFlushes_losesNothing() = LoopbackServer().use { server ->
        val client = client(server.url) { maxQueueEvents(100_000) }
        val threads = List(8) {
            thread {
                repeat(2_500) {
                    client.track("u", "t", mapOf("n" to it))
                    if (it % 500 == 0) client.flushAsync()
                    val stats = client.stats()
                    check(stats.tracked == stats.accepted + stats.dropped + stats.queued + stats.inFlight)
                }
            }
        }
        threads.forEach(Thread::join)
        client.close()
        assertEquals(20_000L to 20_000L, client.stats().let { it.tracked to it.accepted })
        val ids = server.requests.flatMap { it.ids }
        assertEquals(20_000 to 20_000, ids.size to ids.toSet().size)
    }

    @Test
    fun track_serverHangs_fillsTheQueueAndReturns() = LoopbackServer { _, _ -> }.use { server ->
        val client = client(server.url) { shutdownTimeoutMs(0) }
        repeat(12_000) { client.track("u", "t") }
        assertEquals(mapOf(DropReason.QUEUE_FULL to 2_000L), client.stats().drops)
        client.close()
        assertEquals(12_000, drops.size)
    }

    @Test
    fun shutdown_serverHangs_endsTheRequest() = LoopbackServer { _, _ -> }.use { server ->
        val client = client(server.url) { flushAt(1) }
        client.track("u", "t")
        server.next()
        assertEquals(1, client.shutdownAsync(0).get().dropped)
        assertEquals(DropReason.SHUTDOWN, drops.single().reason)
    }

    @Test
    fun flush_coroutineCancelled_leavesOthersAlone() = LoopbackServer { _, _ -> }.use { server ->
        val client = client(server.url)
        client.track("u", "t")
        runBlocking {
            val cancelled = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { client.flush() }
            cancelled.cancelAndJoin()
            assertEquals(1, client.flush(timeoutMs = 0).remaining)
            assertEquals(1, client.shutdown(timeoutMs = 0).dropped)
        }
    }

    @Test
    fun close_fromACallback_doesNotHang() = LoopbackServer().use { server ->
        val closed = CountDownLatch(1)
        lateinit var client: SegOpsClient
        client = client(server.url) {
            shutdownTimeoutMs(0)
            onDrop {
                client.close()
                closed.countDown()
            }
        }
        client.track("", "t")
        assertTrue(closed.await(120, TimeUnit.SECONDS))
    }

    @Test
    fun client_disabled_doesNothing() {
        val client = client("http://127.0.0.1:1") { enabled(false) }
        client.track("u", "t")
        client.track("", "t")
        assertEquals(0, client.flushAsync().get().remaining)
        client.close()
        assertEquals(0, client.stats().tracked)
        assertNull(drops.firstOrNull())
    }

    @Test
    fun logger_manyFailures_getsNoPersonalDataAndNoFlood() {
        val lines = ConcurrentLinkedQueue<String>()
        LoopbackServer { socket, _ -> answer(socket, "401 Unauthorized", """{"code":"invalid_api_key"}""") }.use { server ->
            val client = client(server.url) {
                logger { _, message -> lines.add(message) }
                shutdownTimeoutMs(0)
                maxQueueEvents(10)
            }
            repeat(1_000) { client.track("jane@example.org", "secret_type", mapOf("ssn" to "078-05-1120")) }
            client.track("", "t")
            client.close()
        }
        assertTrue(lines.size in 1..5, "$lines")
        lines.forEach { line -> listOf("jane", "secret_type", "078", "pk_test").forEach { assertFalse(it in line, line) } }
    }
}
