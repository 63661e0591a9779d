/// An event as the queue holds it. Its bytes are those of `track()` on every attempt.
struct Event: Sendable {
    /// Identifies the event within the process. Callers may give two events the same id.
    var sequence: UInt64 = 0
    let id: String
    let type: String
    /// The JSON object, in UTF-8.
    let json: [UInt8]
    /// When it was tracked, on the clock of ``TimeSource/uptimeMilliseconds``.
    let trackedAt: Int64
}
