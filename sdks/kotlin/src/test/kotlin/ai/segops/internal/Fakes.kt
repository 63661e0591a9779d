package ai.segops.internal

import ai.segops.ClientError
import ai.segops.DroppedEvent
import ai.segops.EventWarning
import ai.segops.FlushResult
import ai.segops.SegOpsOptions
import ai.segops.Transport
import ai.segops.TransportRequest
import ai.segops.TransportResponse
import ai.segops.persistence.Keeper
import ai.segops.persistence.SegmentStore
import java.io.File
import java.io.IOException
import java.util.Random
import java.util.concurrent.Executor
import java.util.zip.GZIPInputStream

internal class FakeClock(var wall: Long = 1_796_000_000_000, var monotonic: Long = 5_000) : Clock {
    override fun wallMs() = wall

    override fun monotonicMs() = monotonic

    fun advance(ms: Long) {
        wall += ms
        monotonic += ms
    }
}

internal fun answer(status: Int, body: String = "", vararg headers: Pair<String, String>) =
    TransportResponse(status, mapOf(*headers), body.toByteArray())

internal fun problem(status: Int, code: String, more: String = "", vararg headers: Pair<String, String>) =
    answer(status, """{"code":"$code"$more}""", *headers)

internal fun accepted(count: Int) = answer(202, """{"accepted":$count,"rejected":0,"errors":[],"warnings":[]}""")

/** What the transport was asked to send. */
internal class Sent(val request: TransportRequest, val atMs: Long) {
    val isCompressed = request.headers["Content-Encoding"] == "gzip"
    val body: Map<*, *> = JsonReader.read(plain().toString(Charsets.UTF_8)) as Map<*, *>
    val ids = (body["events"] as List<*>).map { (it as Map<*, *>)["event_id"] as String }

    private fun plain() = if (isCompressed) GZIPInputStream(request.body.inputStream()).readBytes() else request.body
}

/**
 * A send loop without threads, on a clock that only the test moves. The server's answers come from a function of the request; by default
 * it accepts all.
 */
internal class Harness(directory: File? = null, configure: SegOpsOptions.Builder.() -> Unit = {}) {
    val clock = FakeClock()
    val sent = ArrayList<Sent>()
    val drops = ArrayList<DroppedEvent>()
    val errors = ArrayList<ClientError>()
    val warnings = ArrayList<EventWarning>()
    var server: (Sent) -> TransportResponse = { accepted(it.ids.size) }

    /** With false, requests wait in [held] until the test runs them. */
    var isAnswering = true
    val held = ArrayList<Runnable>()
    private var number = 0

    private val transport = object : Transport {
        override fun send(request: TransportRequest): TransportResponse = server(Sent(request, clock.monotonic).also(sent::add))
    }
    val options: SegOpsOptions = SegOpsOptions.Builder("http://localhost", "pk_test_1")
        .transport(transport)
        .persistence(directory)
        .logger { _, _ -> }
        .onDrop(drops::add)
        .onError(errors::add)
        .onWarning(warnings::add)
        .apply(configure)
        .build()
    val queue = EventQueue(options.maxQueueEvents, options.maxQueueBytes, options.flushAt, directory != null)
    private val notifier = Notifier(options, clock, Executor(Runnable::run))
    private val network = Network(transport) { if (isAnswering) it.run() else held.add(it) }
    val keeper = directory?.let {
        Keeper(options, clock, queue, SegmentStore(it)) { message ->
            notifier.failed(ClientError(ai.segops.ErrorKind.STORAGE, null, null, message))
        }
    }
    val loop = SendLoop(options, clock, queue, notifier, network, keeper, Compression(), Random(7))

    /** Offers events and returns their ids. */
    fun track(count: Int = 1, bytes: Int = 0): List<String> = List(count) {
        val id = "id-${number++}"
        val json = """{"event_id":"$id","event_type":"t","padding":"${"x".repeat(bytes)}"}"""
        queue.offer(QueuedEvent(id, "t", json.toByteArray(), clock.monotonic, clock.monotonic + options.maxEventAgeMs, clock.wall))
        id
    }

    fun flush(timeoutMs: Long = 10_000) = queue.open(Flush(clock.monotonic, clock.monotonic + timeoutMs))

    fun shutdown(timeoutMs: Long = 10_000) = queue.close(Flush(clock.monotonic, clock.monotonic + timeoutMs))

    /** Takes turns until nothing is due. Returns the milliseconds until something is. */
    fun settle(): Long {
        repeat(10_000) {
            val wait = loop.turn()
            if (wait > 0 || loop.isFinished) return wait
        }
        error("The loop never comes to rest.")
    }

    /** Lets time pass as the loop asks for it. */
    fun pass(ms: Long) {
        val end = clock.monotonic + ms
        while (true) {
            val wait = settle()
            if (loop.isFinished || clock.monotonic + wait > end) break
            clock.advance(wait)
        }
        clock.advance(end - clock.monotonic)
    }

    fun assertAddsUp() {
        val stats = queue.stats()
        check(stats.tracked == stats.accepted + stats.rejected + stats.dropped + stats.queued + stats.inFlight) { stats.toString() }
    }
}

internal fun Flush.now(): FlushResult? = future.getNow(null)

internal fun offline(): Nothing = throw IOException("offline")
