// What the code in ../../../src uses of Android, so that it compiles without android.jar. It is no part of the library.

package android.os

class Bundle
