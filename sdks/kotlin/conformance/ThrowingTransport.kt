package conformance

import ai.segops.HttpTransport
import ai.segops.Transport
import ai.segops.TransportRequest
import ai.segops.TransportResponse
import java.util.concurrent.atomic.AtomicInteger

/** Throws what no transport should, a number of times. */
internal class ThrowingTransport(throws: Int) : Transport {
    private val left = AtomicInteger(throws)
    private val http = HttpTransport()

    override fun send(request: TransportRequest): TransportResponse {
        if (left.getAndDecrement() > 0) throw AssertionError("The transport throws, as the test asks.")
        return http.send(request)
    }

    override fun abort() = http.abort()
}
