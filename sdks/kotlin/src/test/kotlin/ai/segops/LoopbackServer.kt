package ai.segops

import ai.segops.internal.JsonReader
import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.zip.GZIPInputStream
import kotlin.concurrent.thread

internal class Received(val line: String, val headers: Map<String, String>, val body: ByteArray) {
    val json: String = (
        if (headers["content-encoding"] ==
            "gzip"
        ) {
            GZIPInputStream(body.inputStream()).readBytes()
        } else {
            body
        }
        ).toString(Charsets.UTF_8)
    val ids: List<String> by lazy {
        ((JsonReader.read(json) as Map<*, *>)["events"] as List<*>).map { (it as Map<*, *>)["event_id"] as String }
    }
}

/** A server on a raw socket. [answer] gets the connection and the request, and writes what it likes. */
internal class LoopbackServer(private val answer: (Socket, Received) -> Unit = { socket, request -> accept(socket, request) }) :
    AutoCloseable {
    private val listener = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val connections = CopyOnWriteArrayList<Socket>()
    val requests = LinkedBlockingQueue<Received>()
    val url = "http://127.0.0.1:${listener.localPort}"

    init {
        thread(isDaemon = true) {
            try {
                while (true) listener.accept().let { socket -> thread(isDaemon = true) { serve(socket) } }
            } catch (_: SocketException) {
                // The test is over.
            }
        }
    }

    fun next(): Received = checkNotNull(requests.poll(120, TimeUnit.SECONDS)) { "No request came." }

    private fun serve(socket: Socket) {
        socket.tcpNoDelay = true
        connections.add(socket)
        try {
            val input = socket.getInputStream().buffered()
            while (!socket.isClosed) {
                val line = line(input) ?: return
                val headers = generateSequence { line(input)?.takeIf(String::isNotEmpty) }
                    .associate { it.substringBefore(':').lowercase() to it.substringAfter(':').trim() }
                val body = ByteArray(headers["content-length"]?.toInt() ?: 0)
                var read = 0
                while (read < body.size) read += input.read(body, read, body.size - read).also { if (it < 0) return }
                val request = Received(line, headers, body)
                requests.add(request)
                answer(socket, request)
            }
        } catch (_: SocketException) {
            // The client or the test closed the connection.
        }
    }

    private fun line(input: InputStream): String? {
        val line = StringBuilder()
        while (true) {
            when (val byte = input.read()) {
                -1 -> return null
                '\n'.code -> return line.toString().trimEnd('\r')
                else -> line.append(byte.toChar())
            }
        }
    }

    override fun close() {
        listener.close()
        connections.forEach(Socket::close)
    }

    companion object {
        fun write(socket: Socket, text: String) {
            socket.getOutputStream().write(text.toByteArray())
            socket.getOutputStream().flush()
        }

        fun answer(socket: Socket, status: String, body: String, vararg headers: String) {
            val lines = listOf("HTTP/1.1 $status", "Content-Length: ${body.toByteArray().size}") + headers
            write(socket, lines.joinToString("\r\n", postfix = "\r\n\r\n") + body)
        }

        fun accept(socket: Socket, request: Received) =
            answer(socket, "202 Accepted", """{"accepted":${request.ids.size},"rejected":0,"errors":[],"warnings":[]}""")
    }
}
