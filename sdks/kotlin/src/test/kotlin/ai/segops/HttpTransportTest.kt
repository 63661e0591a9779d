package ai.segops

import ai.segops.LoopbackServer.Companion.answer
import ai.segops.LoopbackServer.Companion.write
import java.io.IOException
import java.net.ServerSocket
import java.net.URL
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class HttpTransportTest {
    private val transport = HttpTransport()

    private fun send(url: String, timeoutMs: Int = 30_000) =
        transport.send(TransportRequest(URL("$url/path/"), mapOf("Authorization" to "ApiKey k"), "{}".toByteArray(), timeoutMs))

    @Test
    fun send_anyStatus_returnsStatusHeadersAndBody() {
        for (status in listOf(200, 202, 302, 400, 403, 413, 429, 500, 503)) {
            LoopbackServer { socket, _ ->
                answer(socket, "$status Any", "body", "Retry-After: 7", "Location: http://127.0.0.1:1/")
            }.use { server ->
                val response = send(server.url)
                assertEquals(
                    listOf<Any?>(status, "7", "body"),
                    response.run {
                        listOf(status, header("retry-after"), body.toString(Charsets.UTF_8))
                    },
                )
                assertEquals("POST /path/ HTTP/1.1", server.next().line)
                assertEquals(0, server.requests.size)
            }
        }
    }

    @Test
    fun send_unauthorized_returnsTheStatus() {
        LoopbackServer { socket, _ -> answer(socket, "401 Unauthorized", "{}", "WWW-Authenticate: ApiKey realm=\"SegOps\"") }.use {
            assertEquals(401, send(it.url).status)
        }
    }

    @Test
    fun send_severalRequests_useOneConnection() {
        val sockets = HashSet<Any>()
        LoopbackServer { socket, _ ->
            sockets.add(socket)
            answer(socket, "202 Accepted", "body")
        }.use { server -> repeat(5) { send(server.url) } }
        assertEquals(1, sockets.size)
    }

    @Test
    fun send_connectionClosedWithoutAnswer_failsAndIsNotRepeated() {
        LoopbackServer { socket, _ -> socket.close() }.use { server ->
            assertFailsWith<IOException> { send(server.url) }
            assertEquals(1, server.requests.size)
        }
    }

    @Test
    fun send_answerCutOff_fails() {
        for (status in listOf("202 Accepted", "400 Bad Request")) {
            LoopbackServer { socket, _ ->
                write(socket, "HTTP/1.1 $status\r\nContent-Length: 100\r\n\r\n{\"accepted\":")
                socket.close()
            }.use { assertFailsWith<IOException> { send(it.url) } }
        }
    }

    @Test
    fun send_noHttp_fails() {
        LoopbackServer { socket, _ ->
            write(socket, "nonsense\r\n\r\n")
            socket.close()
        }.use { assertFailsWith<IOException> { send(it.url) } }
    }

    @Test
    fun send_nobodyListens_fails() {
        val port = ServerSocket(0).use { it.localPort }
        assertFailsWith<IOException> { send("http://127.0.0.1:$port") }
    }

    @Test
    fun send_noAnswerWithinTheTimeout_fails() {
        LoopbackServer { _, _ -> }.use { assertFailsWith<IOException> { send(it.url, timeoutMs = 50) } }
    }

    @Test
    fun abort_whileWaiting_endsTheRequest() {
        val asked = CountDownLatch(1)
        LoopbackServer { _, _ -> asked.countDown() }.use { server ->
            val aborter = thread {
                asked.await()
                transport.abort()
            }
            assertFailsWith<IOException> { send(server.url) }
            aborter.join()
        }
    }
}
