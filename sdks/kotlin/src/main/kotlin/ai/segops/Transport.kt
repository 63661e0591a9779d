package ai.segops

import java.io.IOException
import java.net.URL

/** One HTTP `POST` of a batch. */
public class TransportRequest internal constructor(
    /** The address of the batch endpoint. */
    public val url: URL,
    /** The headers, among them `Authorization` with the key. */
    public val headers: Map<String, String>,
    /** The body as it goes over the wire. */
    public val body: ByteArray,
    /** The time for the whole exchange, in milliseconds. */
    public val timeoutMs: Int,
)

/** The server's answer. */
public class TransportResponse(public val status: Int, headers: Map<String, String>, public val body: ByteArray) {
    private val headers = headers.mapKeys { it.key.lowercase() }

    /** The value of a header, by its name in any case. */
    public fun header(name: String): String? = headers[name.lowercase()]
}

/** Sends requests. The client has one request under way at a time, on a thread of its own. */
public interface Transport {
    /**
     * Sends the request and waits for the answer. It follows no redirects.
     *
     * @throws IOException if there is no complete answer. The client sends the events again later, as it does for any other exception.
     */
    @Throws(IOException::class)
    public fun send(request: TransportRequest): TransportResponse

    /** Makes a running [send] end soon. The client calls it on another thread, and then interrupts the thread of [send]. */
    public fun abort() {
    }
}
