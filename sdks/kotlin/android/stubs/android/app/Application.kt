// What the code in ../../../src uses of Android, so that it compiles without android.jar. It is no part of the library.

package android.app

import android.content.Context
import android.os.Bundle

abstract class Activity : Context() {
    abstract val isChangingConfigurations: Boolean
}

abstract class Application : Context() {
    abstract fun registerActivityLifecycleCallbacks(callback: ActivityLifecycleCallbacks)

    interface ActivityLifecycleCallbacks {
        fun onActivityCreated(activity: Activity, state: Bundle?)

        fun onActivityStarted(activity: Activity)

        fun onActivityResumed(activity: Activity)

        fun onActivityPaused(activity: Activity)

        fun onActivityStopped(activity: Activity)

        fun onActivitySaveInstanceState(activity: Activity, state: Bundle)

        fun onActivityDestroyed(activity: Activity)
    }
}
