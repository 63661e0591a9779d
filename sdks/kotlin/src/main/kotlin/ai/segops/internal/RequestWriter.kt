package ai.segops.internal

import ai.segops.SegOpsOptions
import ai.segops.TransportRequest
import java.io.ByteArrayOutputStream
import java.util.zip.GZIPOutputStream

/** A request, and what its answer must be read with. */
internal class WrittenRequest(val request: TransportRequest, val plainBytes: Int, val isCompressed: Boolean)

/** Whether bodies are compressed. A server or proxy that cannot read them is found out once for all clients of a process. */
internal class Compression {
    @Volatile
    var isOn = true

    companion object {
        val ofProcess = Compression()
    }
}

/** Writes requests: the body around the events' own bytes, and the headers. */
internal class RequestWriter(private val options: SegOpsOptions, private val clock: Clock, private val compression: Compression) {
    fun write(events: List<QueuedEvent>): WrittenRequest {
        val plain = body(events)
        val compressed = if (options.gzip && compression.isOn && plain.size >= MIN_GZIP_BYTES) compress(plain) else null
        val headers =
            LinkedHashMap<String, String>().apply {
                put("Authorization", "ApiKey ${options.apiKey}")
                put("Content-Type", "application/json")
                put("Accept", "application/json")
                put("User-Agent", USER_AGENT)
                if (compressed != null) put("Content-Encoding", "gzip")
            }
        val request = TransportRequest(options.endpoint, headers, compressed ?: plain, options.requestTimeoutMs)
        return WrittenRequest(request, plain.size, compressed != null)
    }

    fun stopCompressing() {
        compression.isOn = false
    }

    /** `sent_at` is new with each attempt; the events' bytes never change. */
    private fun body(events: List<QueuedEvent>): ByteArray {
        val writer = JsonWriter(ENVELOPE_BYTES + events.sumOf { it.json.size + 1 })
        writer.raw("{\"sent_at\":\"")
        writer.raw(Timestamps.iso(clock.wallMs()))
        writer.raw("\",\"events\":[")
        events.forEachIndexed { index, event ->
            if (index > 0) writer.raw(",")
            writer.raw(event.json)
        }
        writer.raw("]}")
        return writer.toByteArray()
    }

    private fun compress(plain: ByteArray): ByteArray? = try {
        val bytes = ByteArrayOutputStream(plain.size / 4)
        GZIPOutputStream(bytes).use { it.write(plain) }
        bytes.toByteArray()
    } catch (_: Exception) {
        stopCompressing()
        null
    }

    companion object {
        /** All of a body but the events and their commas. */
        const val ENVELOPE_BYTES = 64
        private const val MIN_GZIP_BYTES = 1_024
        private const val VERSION = "0.1.0"

        private val USER_AGENT: String by lazy {
            val isAndroid = System.getProperty("java.vm.name") == "Dalvik"
            val runtime = if (isAndroid) "android" else "java ${System.getProperty("java.version")}"
            "segops-kotlin/$VERSION ($runtime; ${System.getProperty("os.name")})".filter { it in ' '..'~' }
        }
    }
}
