package ai.segops

import java.io.File
import java.net.MalformedURLException
import java.net.URL
import java.util.function.Consumer

/**
 * The settings of a [SegOpsClient], made by its [Builder]. Times are in milliseconds, sizes in bytes.
 *
 * The defaults are those for servers. `SegOpsAndroid` sets those for apps.
 */
public class SegOpsOptions private constructor(builder: Builder) {
    internal val endpoint: URL = endpoint(builder)
    internal val apiKey: String = builder.apiKey
    internal val flushAt: Int = builder.flushAt
    internal val flushIntervalMs: Long = builder.flushIntervalMs
    internal val maxBatchBytes: Int = builder.maxBatchBytes
    internal val maxQueueEvents: Int = builder.maxQueueEvents
    internal val maxQueueBytes: Long = builder.maxQueueBytes
    internal val requestTimeoutMs: Int = builder.requestTimeoutMs
    internal val backoffBaseMs: Long = builder.backoffBaseMs
    internal val backoffMaxMs: Long = builder.backoffMaxMs
    internal val maxEventAgeMs: Long = builder.maxEventAgeMs ?: if (builder.persistence == null) DAY_MS else 7 * DAY_MS
    internal val shutdownTimeoutMs: Long = builder.shutdownTimeoutMs
    internal val gzip: Boolean = builder.gzip
    internal val enabled: Boolean = builder.enabled
    internal val persistence: File? = builder.persistence
    internal val logger: Logger = builder.logger
    internal val onDrop: Consumer<DroppedEvent>? = builder.onDrop
    internal val onError: Consumer<ClientError>? = builder.onError
    internal val onWarning: Consumer<EventWarning>? = builder.onWarning
    internal val transport: Transport = builder.transport ?: HttpTransport()
    internal val quotaProbeMs: Long = builder.quotaProbeMs
    internal val configurationProbeMs: Long = builder.configurationProbeMs
    internal val byteLimitMs: Long = builder.byteLimitMs

    /**
     * Collects settings. Each method returns the builder.
     *
     * @param apiUrl the address of SegOps, such as `https://api.segops.ai`.
     * @param apiKey `pk_live_...` in apps, `sk_live_...` only on servers.
     */
    public class Builder(internal val apiUrl: String, internal val apiKey: String) {
        internal var allowInsecure = false
        internal var flushAt = 100
        internal var flushIntervalMs = 5_000L
        internal var maxBatchBytes = 2 * 1024 * 1024
        internal var maxQueueEvents = 10_000
        internal var maxQueueBytes = 32L * 1024 * 1024
        internal var requestTimeoutMs = 15_000
        internal var backoffBaseMs = 1_000L
        internal var backoffMaxMs = 60_000L
        internal var maxEventAgeMs: Long? = null
        internal var shutdownTimeoutMs = 10_000L
        internal var gzip = true
        internal var enabled = true
        internal var persistence: File? = null
        internal var logger: Logger = JavaLogger
        internal var onDrop: Consumer<DroppedEvent>? = null
        internal var onError: Consumer<ClientError>? = null
        internal var onWarning: Consumer<EventWarning>? = null
        internal var transport: Transport? = null
        internal var quotaProbeMs = 15 * 60_000L
        internal var configurationProbeMs = 5 * 60_000L
        internal var byteLimitMs = 10 * 60_000L

        /** Events that make the client send at once: 1 to 500. Default 100; Android 20. */
        public fun flushAt(events: Int): Builder = apply { flushAt = events }

        /** The longest time that an event waits for others before it is sent. Default 5,000; Android 30,000. */
        public fun flushIntervalMs(ms: Long): Builder = apply { flushIntervalMs = ms }

        /** The largest body before compression: 1,024 to 10,485,760. Default 2 MiB; Android 512 KiB. */
        public fun maxBatchBytes(bytes: Int): Builder = apply { maxBatchBytes = bytes }

        /** Events that the queue holds. Further ones are dropped as `queue_full`. Default 10,000. */
        public fun maxQueueEvents(events: Int): Builder = apply { maxQueueEvents = events }

        /** Bytes of JSON that the queue holds. Further events are dropped as `queue_full`. Default 32 MiB; Android 10 MiB. */
        public fun maxQueueBytes(bytes: Long): Builder = apply { maxQueueBytes = bytes }

        /** The time for one request and its answer. Default 15,000. */
        public fun requestTimeoutMs(ms: Int): Builder = apply { requestTimeoutMs = ms }

        /** The pause after the first failure, which doubles with each further one. Default 1,000. Half of it is random. */
        public fun backoffBaseMs(ms: Long): Builder = apply { backoffBaseMs = ms }

        /** The longest pause that failures lead to. Default 60,000. `Retry-After` can be longer. */
        public fun backoffMaxMs(ms: Long): Builder = apply { backoffMaxMs = ms }

        /** The age at which an undelivered event is dropped as `expired`. Default 24 hours; 7 days with persistence. */
        public fun maxEventAgeMs(ms: Long): Builder = apply { maxEventAgeMs = ms }

        /** The time that [SegOpsClient.close] gives to the delivery of the rest. Default 10,000. */
        public fun shutdownTimeoutMs(ms: Long): Builder = apply { shutdownTimeoutMs = ms }

        /** Whether bodies of 1 KiB or more are compressed. Default true. */
        public fun gzip(on: Boolean): Builder = apply { gzip = on }

        /** With false the client does nothing, counts nothing and starts no thread. Default true. */
        public fun enabled(on: Boolean): Builder = apply { enabled = on }

        /** Whether `http://` may lead to other hosts than this one. Default false. */
        public fun allowInsecure(on: Boolean): Builder = apply { allowInsecure = on }

        /**
         * The directory that keeps events until they are delivered, also across a kill. Default null: memory only.
         * Each project needs a directory of its own. Several processes and clients of one project can share it.
         */
        public fun persistence(directory: File?): Builder = apply { persistence = directory }

        /** Where log lines go. Default: `java.util.logging` with the name `ai.segops`. */
        public fun logger(logger: Logger): Builder = apply { this.logger = logger }

        /** Called once for each event that will not be delivered, on a thread of the client. */
        public fun onDrop(callback: Consumer<DroppedEvent>): Builder = apply { onDrop = callback }

        /** Called once for each episode that needs a person, on a thread of the client. */
        public fun onError(callback: Consumer<ClientError>): Builder = apply { onError = callback }

        /** Called for each warning about an event, on a thread of the client. */
        public fun onWarning(callback: Consumer<EventWarning>): Builder = apply { onWarning = callback }

        /** What sends the requests. Default: a new [HttpTransport]. */
        public fun transport(transport: Transport): Builder = apply { this.transport = transport }

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if one of them is wrong.
         */
        public fun build(): SegOpsOptions = SegOpsOptions(this)
    }

    private companion object {
        const val DAY_MS = 24 * 60 * 60_000L
        const val HARD_BATCH_BYTES = 10_485_760

        fun endpoint(builder: Builder): URL {
            requireValid(builder)
            val base =
                try {
                    URL(builder.apiUrl.trimEnd('/') + "/api/ingestion/track/batch/")
                } catch (_: MalformedURLException) {
                    throw IllegalArgumentException("apiUrl must be an http or https URL.")
                }
            val secure = base.protocol == "https"
            require(secure || base.protocol == "http") { "apiUrl must be an http or https URL." }
            require(base.host.isNotEmpty() && base.userInfo == null && base.query == null && base.ref == null) {
                "apiUrl must have a host, and no user, query or fragment."
            }
            require(secure || builder.allowInsecure || isLoopback(base.host)) {
                "apiUrl must be https, because http shows the key to everyone on the way. Set allowInsecure to send over http to another host."
            }
            return base
        }

        fun isLoopback(host: String) =
            host.equals("localhost", ignoreCase = true) || host == "[::1]" || host.matches(Regex("""127(\.\d{1,3}){3}"""))

        fun requireValid(builder: Builder) = with(builder) {
            require(
                apiKey.isNotEmpty() && apiKey.all {
                    it in '!'..'~'
                },
            ) { "apiKey must be a key such as pk_live_..., in visible ASCII." }
            require(flushAt in 1..500) { "flushAt must be 1 to 500." }
            require(flushIntervalMs > 0) { "flushIntervalMs must be above 0." }
            require(maxBatchBytes in 1_024..HARD_BATCH_BYTES) { "maxBatchBytes must be 1,024 to 10,485,760." }
            require(maxQueueEvents > 0) { "maxQueueEvents must be above 0." }
            require(maxQueueBytes > 0) { "maxQueueBytes must be above 0." }
            require(requestTimeoutMs > 0) { "requestTimeoutMs must be above 0." }
            require(backoffBaseMs > 0) { "backoffBaseMs must be above 0." }
            require(backoffMaxMs >= backoffBaseMs) { "backoffMaxMs must not be below backoffBaseMs." }
            require((maxEventAgeMs ?: 1) > 0) { "maxEventAgeMs must be above 0." }
            require(shutdownTimeoutMs >= 0) { "shutdownTimeoutMs must not be below 0." }
        }
    }
}
