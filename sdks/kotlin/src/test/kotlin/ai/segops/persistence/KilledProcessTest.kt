package ai.segops.persistence

import ai.segops.LoopbackServer
import ai.segops.SegOpsClient
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals

/** What a killed process leaves on disk. */
class KilledProcessTest {
    @TempDir
    lateinit var root: File

    private fun lines() = root.walk().filter { it.extension == "jsonl" }.sumOf { it.readLines().size }

    private fun start(): Process {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val command = listOf(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), ABANDONED, root.path)
        return ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    }

    @Test
    @Timeout(300, unit = TimeUnit.SECONDS)
    fun kill_eventsOnDisk_arriveFromTheNextClientOnce() {
        val process = start()
        val reader = process.inputStream.bufferedReader()
        val ids = List(EVENTS) { reader.readLine() }
        while (lines() < EVENTS) Thread.sleep(POLL_MS)
        LoopbackServer().use { server ->
            client(server.url).use { it.flushAsync().get() }
            assertEquals(0, server.requests.size, "A client took the events of a living process.")
            process.destroyForcibly().waitFor()
            client(server.url).use { assertEquals(EVENTS.toLong(), it.flushAsync().get().accepted) }
            assertEquals(ids, server.requests.flatMap { it.ids })
        }
        assertEquals(emptyList(), root.list()?.toList())
    }

    private fun client(url: String) = SegOpsClient(url, "pk_test_1") { persistence(root) }

    companion object {
        const val EVENTS = 200
        private const val POLL_MS = 10L
        const val ABANDONED = "ai.segops.persistence.AbandonedProcess"
    }
}

/** Tracks events that no server takes, prints their ids and waits to be killed. */
object AbandonedProcess {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val client = SegOpsClient("http://127.0.0.1:1", "pk_test_1") {
            persistence(File(arguments[0]))
            logger { _, _ -> }
        }
        repeat(KilledProcessTest.EVENTS) { println(client.track("u", "t", mapOf("n" to it))) }
        System.`in`.read()
    }
}
