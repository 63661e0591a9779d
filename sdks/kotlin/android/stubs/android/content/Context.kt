// What the code in ../../../src uses of Android, so that it compiles without android.jar. It is no part of the library.

package android.content

import java.io.File

abstract class Context {
    abstract val applicationContext: Context
    abstract val noBackupFilesDir: File
}
