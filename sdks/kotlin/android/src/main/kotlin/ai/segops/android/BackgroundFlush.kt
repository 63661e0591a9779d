package ai.segops.android

import ai.segops.SegOpsClient
import android.app.Activity
import android.app.Application
import android.os.Bundle

/** Flushes when the last activity stops. Android calls it on the main thread only. */
internal class BackgroundFlush(private val client: SegOpsClient) : Application.ActivityLifecycleCallbacks {
    private var started = 0

    override fun onActivityStarted(activity: Activity) {
        started++
    }

    override fun onActivityStopped(activity: Activity) {
        // A rotation stops the activity and starts it again: the app stays in the foreground.
        if (--started == 0 && !activity.isChangingConfigurations) client.flushAsync(FLUSH_MS)
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?) {}

    override fun onActivityResumed(activity: Activity) {}

    override fun onActivityPaused(activity: Activity) {}

    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) {}

    override fun onActivityDestroyed(activity: Activity) {}

    private companion object {
        /** Android gives a process that went into the background about half a minute. */
        const val FLUSH_MS = 25_000L
    }
}
