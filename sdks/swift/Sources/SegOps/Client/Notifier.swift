import Dispatch

/// Calls the callbacks and the logger, one after the other and off every other thread of the client.
final class Notifier: Sendable {
    private let options: SegOpsOptions
    private let time: any TimeSource
    private let queue = DispatchQueue(label: "ai.segops.callbacks")
    /// When each reason was last logged, and how often it was left out since.
    private let logged = Locked<[String: (at: Int64, omitted: Int)]>([:])

    init(options: SegOpsOptions, time: any TimeSource) {
        self.options = options
        self.time = time
    }

    func drop(_ drop: SegOpsDrop) {
        log(.warning, reason: "drop \(drop.reason.rawValue) \(drop.code ?? "")", "Event \(drop.eventID) dropped: \(drop.reason.rawValue)")
        guard let onDrop = options.onDrop else { return }
        queue.async { try? onDrop(drop) }
    }

    func fail(_ failure: SegOpsFailure) {
        log(.error, reason: "fail \(failure.kind.rawValue)", failure.message)
        guard let onError = options.onError else { return }
        queue.async { try? onError(failure) }
    }

    func warn(_ warning: SegOpsWarning) {
        guard let onWarning = options.onWarning else { return }
        queue.async { try? onWarning(warning) }
    }

    /// Logs `message` unless `reason` was logged within the last minute.
    func log(_ level: SegOpsLogger.Level, reason: String, _ message: @autoclosure () -> String) {
        let now = time.uptimeMilliseconds
        let omitted = logged.withLock { logged -> Int? in
            let last = logged[reason]
            if let last, now - last.at < 60_000 {
                logged[reason]?.omitted += 1
                return nil
            }
            logged[reason] = (now, 0)
            return last?.omitted ?? 0
        }
        guard let omitted else { return }
        let text = omitted == 0 ? message() : "\(message()) (and \(omitted) more times)"
        queue.async { [logger = options.logger] in try? logger.write(level, text) }
    }

    /// Returns when all calls that were due have returned, at the latest at `deadline`.
    func drain(until deadline: Int64) async {
        let drained = Signal()
        queue.async { drained.wake() }
        await drained.wait(until: deadline, time: time)
    }
}
