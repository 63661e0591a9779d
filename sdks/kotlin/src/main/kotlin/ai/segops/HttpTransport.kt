package ai.segops

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection

/** The default transport, over `HttpURLConnection` with its connection pool. */
public class HttpTransport : Transport {
    @Volatile
    private var current: HttpURLConnection? = null

    override fun send(request: TransportRequest): TransportResponse {
        val started = System.nanoTime()
        val connection = open(request)
        current = connection
        try {
            connection.outputStream.use { it.write(request.body) }
            val status = connection.responseCode
            if (status < 0) throw IOException("The answer is not HTTP.")
            val stream = if (status < HttpURLConnection.HTTP_BAD_REQUEST) connection.inputStream else connection.errorStream
            val body = stream?.use { read(it, started, request.timeoutMs) } ?: ByteArray(0)
            if (stream != null) requireComplete(connection, body)
            return TransportResponse(status, headers(connection), body)
        } catch (failure: Exception) {
            connection.disconnect()
            throw failure
        } finally {
            current = null
        }
    }

    override fun abort() {
        current?.disconnect()
    }

    private fun open(request: TransportRequest): HttpURLConnection {
        val connection = request.url.openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.useCaches = false
        connection.instanceFollowRedirects = false
        connection.connectTimeout = request.timeoutMs
        connection.readTimeout = request.timeoutMs
        // Without the fixed length, Java repeats a POST by itself on a broken connection, out of the client's sight.
        connection.setFixedLengthStreamingMode(request.body.size)
        request.headers.forEach(connection::setRequestProperty)
        return connection
    }

    private fun read(stream: InputStream, started: Long, timeoutMs: Int): ByteArray {
        val body = ByteArrayOutputStream()
        val buffer = ByteArray(8192)
        while (true) {
            val count = stream.read(buffer)
            if (count < 0) return body.toByteArray()
            body.write(buffer, 0, count)
            if (body.size() > MAX_ANSWER_BYTES) throw IOException("The answer is too long.")
            // The read timeout begins anew with every byte.
            if (System.nanoTime() - started > timeoutMs * 1_000_000L) throw IOException("The answer came too slowly.")
        }
    }

    /** Java reports the early end of a body with a length as a normal end. */
    private fun requireComplete(connection: HttpURLConnection, body: ByteArray) {
        val length = connection.getHeaderField("Content-Length")?.toLongOrNull() ?: return
        if (connection.contentEncoding == null && length != body.size.toLong()) throw IOException("The answer ended early.")
    }

    private fun headers(connection: HttpURLConnection): Map<String, String> = connection.headerFields.entries
        .filter { it.key != null }
        .associate { it.key to it.value.joinToString(", ") }

    private companion object {
        const val MAX_ANSWER_BYTES = 8 * 1024 * 1024
    }
}
