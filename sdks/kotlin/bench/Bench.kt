package bench

import ai.segops.SegOpsClient
import ai.segops.Transport
import ai.segops.TransportRequest
import ai.segops.TransportResponse
import ai.segops.internal.JsonWriter
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import java.util.zip.GZIPInputStream
import kotlin.system.exitProcess

private const val CALLS = 200_000
private const val DRAINED = 100_000
private val payload = mapOf("order_id" to "ord-456", "total" to 89.95, "currency" to "USD", "items" to 3, "first_order" to false)
private val event = mapOf("user_id" to "user-123", "event_type" to "order_placed", "payload" to payload)

/** Prints what `track` costs its caller, beside the JSON of the same event alone, and how fast a queue drains. */
fun main() {
    println("| operation | median | 99 % | 99.9 % |")
    println("|---|---|---|---|")
    repeat(2) { round ->
        val isWarm = round == 1
        row("JSON of the event alone", isWarm, measure { JsonWriter().apply { value(event) }.toByteArray() })
        val stuck = client(Stuck)
        row("track()", isWarm, measure { stuck.track("user-123", "order_placed", payload) })
    }
    drain()
    exitProcess(0)
}

private fun client(transport: Transport) = SegOpsClient("http://localhost", "pk_test_bench") {
    transport(transport)
    maxQueueEvents(10 * CALLS)
    maxQueueBytes(Long.MAX_VALUE)
}

/** A server that never answers, so that the sending takes nothing from the measurement. */
private object Stuck : Transport {
    override fun send(request: TransportRequest): TransportResponse {
        CountDownLatch(1).await()
        error("unreachable")
    }
}

private fun measure(action: () -> Any): LongArray {
    val times = LongArray(CALLS)
    for (index in times.indices) {
        val started = System.nanoTime()
        action()
        times[index] = System.nanoTime() - started
    }
    times.sort()
    return times
}

private fun row(name: String, isPrinted: Boolean, times: LongArray) {
    if (!isPrinted) return
    val cells = listOf(0.5, 0.99, 0.999).map { "%.2f µs".format(times[(times.size * it).toInt()] / 1_000.0) }
    println("| $name | ${cells.joinToString(" | ")} |")
}

private fun drain() {
    val requests = AtomicInteger()
    val most = AtomicInteger()
    val open = AtomicInteger()
    // Without it, Java's server delays each answer by 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true")
    val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    server.executor = Executors.newFixedThreadPool(4) { Thread(it).apply { isDaemon = true } }
    server.createContext("/") { exchange ->
        most.accumulateAndGet(open.incrementAndGet(), ::maxOf)
        requests.incrementAndGet()
        val body = GZIPInputStream(exchange.requestBody).readBytes()
        val count = body.toString(Charsets.UTF_8).split("\"event_id\"").size - 1
        val answer = """{"accepted":$count,"rejected":0,"errors":[],"warnings":[]}""".toByteArray()
        open.decrementAndGet()
        exchange.sendResponseHeaders(202, answer.size.toLong())
        exchange.responseBody.use { it.write(answer) }
    }
    server.start()
    val client = SegOpsClient("http://127.0.0.1:${server.address.port}", "pk_test_bench") {
        maxQueueEvents(DRAINED)
        maxQueueBytes(Long.MAX_VALUE)
    }
    val started = System.nanoTime()
    repeat(DRAINED) { client.track("user-123", "order_placed", payload) }
    client.flushAsync(120_000).get()
    val seconds = (System.nanoTime() - started) / 1e9
    println()
    println("Drain: ${client.stats().accepted} of $DRAINED events in %.2f s (%.0f a second),".format(seconds, DRAINED / seconds))
    println("${requests.get()} requests, at most ${most.get()} at a time.")
    client.close()
    server.stop(0)
}
