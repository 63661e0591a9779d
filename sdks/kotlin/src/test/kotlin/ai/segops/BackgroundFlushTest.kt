package ai.segops

import ai.segops.android.SegOpsAndroid
import android.app.Activity
import android.app.Application
import android.content.Context
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull

/** The Android part, against stubs of Android's classes. */
class BackgroundFlushTest {
    @TempDir
    lateinit var directory: File

    private inner class FakeApplication : Application() {
        val callbacks = ArrayList<ActivityLifecycleCallbacks>()
        override val applicationContext: Context get() = this
        override val noBackupFilesDir: File get() = directory

        override fun registerActivityLifecycleCallbacks(callback: ActivityLifecycleCallbacks) {
            callbacks.add(callback)
        }
    }

    private class FakeActivity(override val isChangingConfigurations: Boolean = false) : Activity() {
        override val applicationContext: Context get() = throw NotImplementedError()
        override val noBackupFilesDir: File get() = throw NotImplementedError()
    }

    @Test
    fun onActivityStopped_lastActivity_sendsTheQueue() = LoopbackServer().use { server ->
        val application = FakeApplication()
        val client = SegOpsAndroid.create(application, server.url, "pk_test_1")
        val callbacks = application.callbacks.single()
        val id = client.track("u", "screen_viewed")
        repeat(2) { callbacks.onActivityStarted(FakeActivity()) }
        callbacks.onActivityStopped(FakeActivity())
        callbacks.onActivityStopped(FakeActivity(isChangingConfigurations = true))
        callbacks.onActivityStarted(FakeActivity())
        assertNull(server.requests.peek())
        callbacks.onActivityStopped(FakeActivity())
        assertEquals(listOf(id), server.next().ids)
        client.close()
        assertEquals(1, client.stats().accepted)
    }

    @Test
    fun builder_defaults_areThoseOfApps() {
        val options = SegOpsAndroid.builder(FakeApplication(), "https://api.segops.ai", "pk_live_x").build()
        assertEquals(
            listOf(20L, 30_000, 524_288, 10_485_760),
            options.run {
                listOf(flushAt.toLong(), flushIntervalMs, maxBatchBytes.toLong(), maxQueueBytes)
            },
        )
        assertEquals(File(directory, "segops"), options.persistence)
        assertFalse(File(directory, "segops").exists())
    }
}
