package ai.segops

/** The weight of a log line. */
public enum class LogLevel { DEBUG, INFO, WARNING, ERROR }

/**
 * Takes the client's log lines. They hold ids, counts and codes, and never a payload, a user id, the key or a body.
 * A line with the same reason comes at most once a minute. The client calls it on a thread of its own, and ignores exceptions.
 */
public fun interface Logger {
    /** Takes one line. */
    public fun log(level: LogLevel, message: String)
}

/** The default: `java.util.logging` with the name `ai.segops`. On Android its lines are in logcat. */
internal object JavaLogger : Logger {
    private val logger = java.util.logging.Logger.getLogger("ai.segops")

    override fun log(level: LogLevel, message: String) {
        val javaLevel =
            when (level) {
                LogLevel.DEBUG -> java.util.logging.Level.FINE
                LogLevel.INFO -> java.util.logging.Level.INFO
                LogLevel.WARNING -> java.util.logging.Level.WARNING
                LogLevel.ERROR -> java.util.logging.Level.SEVERE
            }
        logger.log(javaLevel, message)
    }
}
