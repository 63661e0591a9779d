package ai.segops.android

import ai.segops.SegOpsClient
import ai.segops.SegOpsOptions
import android.app.Application
import android.content.Context
import java.io.File

/** Makes clients for apps. */
public object SegOpsAndroid {
    private const val DIRECTORY = "segops"

    /**
     * Makes a client with the defaults for apps: 20 events or 30 seconds, bodies of 512 KiB, a queue of 10 MiB, and events kept on disk,
     * in a directory that no backup has. When the app goes into the background, the client sends what it has, for at most 25 seconds.
     *
     * Call it once, in `Application.onCreate`.
     *
     * @param apiKey a publishable key, `pk_live_...`: everybody can read what an app holds.
     * @param configure settings that differ.
     * @throws IllegalArgumentException if a setting is wrong.
     */
    @JvmStatic
    @JvmOverloads
    public fun create(context: Context, apiUrl: String, apiKey: String, configure: SegOpsOptions.Builder.() -> Unit = {}): SegOpsClient {
        val application = context.applicationContext as Application
        val client = SegOpsClient(builder(application, apiUrl, apiKey).apply(configure).build())
        flushInBackground(application, client)
        return client
    }

    /** The settings of [create], for Java. Pass the client to [flushInBackground] then. */
    @JvmStatic
    public fun builder(context: Context, apiUrl: String, apiKey: String): SegOpsOptions.Builder = SegOpsOptions.Builder(apiUrl, apiKey)
        .flushAt(20)
        .flushIntervalMs(30_000)
        .maxBatchBytes(512 * 1024)
        .maxQueueBytes(10L * 1024 * 1024)
        .persistence(File(context.noBackupFilesDir, DIRECTORY))

    /** Makes the client send whenever the app goes into the background. [create] does this by itself. */
    @JvmStatic
    public fun flushInBackground(application: Application, client: SegOpsClient) {
        application.registerActivityLifecycleCallbacks(BackgroundFlush(client))
    }
}
