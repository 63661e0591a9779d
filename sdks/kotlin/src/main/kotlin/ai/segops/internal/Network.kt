package ai.segops.internal

import ai.segops.Transport
import ai.segops.TransportRequest
import ai.segops.TransportResponse
import java.util.concurrent.Executor
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** Runs the transport on a thread of its own, so that a request that hangs stops neither the disk nor the deadlines. */
internal class Network(private val transport: Transport, private val executor: Executor) {
    private val lock = Any()
    private var thread: Thread? = null

    /** Calls [onEnd] once, with the answer or whatever was thrown. */
    fun send(request: TransportRequest, onEnd: (Result<TransportResponse>) -> Unit) = executor.execute {
        synchronized(lock) { thread = Thread.currentThread() }
        val result =
            try {
                Result.success(transport.send(request))
            } catch (failure: Throwable) {
                Result.failure(failure)
            }
        synchronized(lock) {
            thread = null
            Thread.interrupted()
        }
        onEnd(result)
    }

    /** Makes the running request end soon. Closing a connection can block, and the deadlines must not wait for it. */
    fun abort() {
        daemonThread("segops-abort") {
            try {
                transport.abort()
            } catch (_: Throwable) {
                // The interrupt follows.
            }
            synchronized(lock) { thread?.interrupt() }
        }.start()
    }
}

internal fun daemonThread(name: String, action: Runnable): Thread = Thread(action, name).apply { isDaemon = true }

/** One daemon thread that ends when it has had nothing to do for a while. */
internal fun daemonExecutor(name: String): Executor =
    ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, LinkedBlockingQueue()) { daemonThread(name, it) }
        .apply { allowCoreThreadTimeOut(true) }
