package conformance

import ai.segops.FlushResult
import ai.segops.SegOpsClient
import ai.segops.SegOpsOptions
import ai.segops.internal.JsonReader
import ai.segops.internal.JsonWriter
import java.io.File
import java.time.DateTimeException
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.concurrent.thread

/** The driver of the conformance runner: JSON lines on stdin and stdout. */
private val clients = ConcurrentHashMap<String, SegOpsClient>()
private val throwing: MutableSet<String> = ConcurrentHashMap.newKeySet()
private val output = System.out

fun main() {
    System.`in`.bufferedReader().forEachLine { line ->
        val command = obj(JsonReader.read(line))
        try {
            serve(command)
        } catch (failure: Exception) {
            reply(command, mapOf("ok" to false, "error" to (failure.message ?: failure.javaClass.name)))
        }
    }
}

private fun serve(command: Map<String, Any?>) {
    val name = command["client"] as? String ?: "default"
    when (val op = command["op"]) {
        "ping" -> reply(command, mapOf("ok" to true))

        "new" -> {
            clients[name] = SegOpsClient(options(name, obj(command["options"])))
            reply(command, mapOf("ok" to true, "sdk" to "kotlin/0.1.0", "caps" to listOf("gzip", "persist", "threads")))
        }

        "throw_in_callback" -> {
            throwing.addAll((command["on"] as List<*>).map { it.toString() })
            reply(command, mapOf("ok" to true))
        }

        "track" -> reply(command, track(client(name), command))

        "mutate" -> reply(command, mutate(client(name), command))

        "identify" -> {
            val id = client(name).identify(command["userId"] as String, obj(command["traits"]))
            reply(command, mapOf("ids" to listOf(id)))
        }

        "stats" -> reply(command, mapOf("stats" to stats(client(name))))

        "flush" -> answer(command, client(name).flushAsync(number(command["timeoutMs"]) ?: 30_000))

        "shutdown" -> {
            val timeoutMs = number(command["timeoutMs"])
            answer(command, if (timeoutMs == null) client(name).shutdownAsync() else client(name).shutdownAsync(timeoutMs))
        }

        else -> throw IllegalArgumentException("There is no command $op.")
    }
}

private fun options(client: String, given: Map<String, Any?>): SegOpsOptions {
    val builder = SegOpsOptions.Builder(given["apiUrl"] as String, given["apiKey"] as String)
    number(given["flushAt"])?.let { builder.flushAt(it.toInt()) }
    number(given["flushIntervalMs"])?.let(builder::flushIntervalMs)
    number(given["maxBatchBytes"])?.let { builder.maxBatchBytes(it.toInt()) }
    number(given["maxQueueEvents"])?.let { builder.maxQueueEvents(it.toInt()) }
    number(given["maxQueueBytes"])?.let(builder::maxQueueBytes)
    number(given["requestTimeoutMs"])?.let { builder.requestTimeoutMs(it.toInt()) }
    number(given["backoffBaseMs"])?.let(builder::backoffBaseMs)
    number(given["backoffMaxMs"])?.let(builder::backoffMaxMs)
    number(given["maxEventAgeMs"])?.let(builder::maxEventAgeMs)
    number(given["shutdownTimeoutMs"])?.let(builder::shutdownTimeoutMs)
    (given["gzip"] as? Boolean)?.let(builder::gzip)
    (given["enabled"] as? Boolean)?.let(builder::enabled)
    (given["allowInsecure"] as? Boolean)?.let(builder::allowInsecure)
    (given["persistenceDirectory"] as? String)?.let { builder.persistence(File(it)) }
    number(given["probeIntervalMs"])?.let {
        builder.quotaProbeMs = it
        builder.configurationProbeMs = it
    }
    number(given["byteLimitMs"])?.let { builder.byteLimitMs = it }
    number(given["throwingTransport"])?.let { builder.transport(ThrowingTransport(it.toInt())) }
    return builder
        .onDrop {
            val error = mapOf("status" to it.status, "code" to it.code, "field" to it.field, "message" to it.message)
            emit(client, "drop", mapOf("event_id" to it.eventId, "event_type" to it.eventType, "reason" to it.reason.code) + error)
        }.onError {
            emit(client, "error", mapOf("kind" to it.kind.code, "status" to it.status, "code" to it.code, "message" to it.message))
        }.onWarning {
            emit(client, "warning", mapOf("event_id" to it.eventId, "field" to it.field, "code" to it.code, "message" to it.message))
        }.logger { level, message -> emit(client, "log", mapOf("level" to level, "message" to message)) }
        .build()
}

private fun track(client: SegOpsClient, command: Map<String, Any?>): Map<String, Any?> {
    val repeat = number(command["repeat"])?.toInt() ?: 1
    val threads = number(command["threads"])?.toInt() ?: 1
    val event = obj(command["event"])
    val payload = event["payload"]?.let(::obj)
    val longest = LongArray(threads)
    val ids = ConcurrentLinkedQueue<String>()
    // The times of the calls are those of the SDK, so everything else is made before.
    val payloads = List(repeat) { if (repeat > 1) payload.orEmpty() + ("n" to it) else payload }
    val calls = { number: Int ->
        for (index in number until repeat step threads) {
            val started = System.nanoTime()
            ids.add(track(client, event, payloads[index]))
            longest[number] = maxOf(longest[number], System.nanoTime() - started)
        }
    }
    if (threads == 1) calls(0) else List(threads) { thread { calls(it) } }.forEach(Thread::join)
    return mapOf("ids" to ids, "max_call_us" to longest.max() / 1_000)
}

private fun track(client: SegOpsClient, event: Map<String, Any?>, payload: Map<String, Any?>?): String {
    val occurredAt =
        try {
            (event["occurredAt"] as String?)?.let(Instant::parse)
        } catch (_: DateTimeException) {
            throw IllegalArgumentException("occurredAt is an Instant here.")
        }
    return client.track(event["userId"] as String, event["eventType"] as String, payload, occurredAt, event["eventId"] as String?)
}

private fun mutate(client: SegOpsClient, command: Map<String, Any?>): Map<String, Any?> {
    val event = obj(command["event"])
    val payload = LinkedHashMap(event["payload"]?.let(::obj).orEmpty())
    val id = track(client, event, payload)
    payload.putAll(obj(command["mutation"]))
    return mapOf("ids" to listOf(id))
}

private fun stats(client: SegOpsClient): Map<String, Any?> {
    val stats = client.stats()
    return mapOf(
        "tracked" to stats.tracked,
        "accepted" to stats.accepted,
        "rejected" to stats.rejected,
        "dropped" to stats.dropped,
        "queued" to stats.queued,
        "in_flight" to stats.inFlight,
        "drops" to stats.drops.mapKeys { it.key.code },
    )
}

private fun answer(command: Map<String, Any?>, future: CompletableFuture<FlushResult>) {
    future.thenAccept {
        val counts = mapOf("accepted" to it.accepted, "rejected" to it.rejected, "dropped" to it.dropped, "remaining" to it.remaining)
        reply(command, counts + ("elapsed_ms" to it.elapsedMs))
    }
}

private fun emit(client: String, event: String, members: Map<String, Any?>) {
    write(mapOf("ev" to event, "client" to client) + members.filterValues { it != null })
    check(event !in throwing) { "The callback $event throws, as the test asks." }
}

private fun reply(command: Map<String, Any?>, members: Map<String, Any?>) = write(mapOf("id" to command["id"]) + members)

private fun write(line: Map<String, Any?>) {
    val json = JsonWriter()
    json.value(line)
    json.raw("\n")
    synchronized(output) {
        output.write(json.toByteArray())
        output.flush()
    }
}

private fun client(name: String): SegOpsClient = clients[name] ?: throw IllegalArgumentException("There is no client $name.")

private fun obj(value: Any?): Map<String, Any?> {
    require(value is Map<*, *>) { "An object is a Map here." }
    @Suppress("UNCHECKED_CAST")
    return value as Map<String, Any?>
}

private fun number(value: Any?): Long? = value as? Long
