package ai.segops.internal

internal interface Clock {
    /** Milliseconds since 1970, for times that leave the process. A person can set it. */
    fun wallMs(): Long

    /** Milliseconds since some moment, for waits and ages within the process. It never goes back. */
    fun monotonicMs(): Long
}

internal object SystemClock : Clock {
    override fun wallMs(): Long = System.currentTimeMillis()

    override fun monotonicMs(): Long = System.nanoTime() / 1_000_000
}
