/// Counts what becomes of the events that a flush covers. ``EventQueue`` calls it under its lock.
final class FlushWaiter: @unchecked Sendable {
    /// Woken when every event is decided, or none will be any more.
    let done = Signal()
    private(set) var result = SegOpsFlushResult()
    private let last: UInt64

    /// - Parameter last: the largest sequence that the flush covers.
    init(last: UInt64, count: Int) {
        self.last = last
        result.remaining = count
    }

    func count(_ event: Event, _ outcome: EventQueue.Outcome) {
        guard event.sequence <= last else { return }
        result.remaining -= 1
        switch outcome {
        case .accepted: result.accepted += 1
        case .rejected: result.rejected += 1
        case .dropped: result.dropped += 1
        }
        if result.remaining == 0 { done.wake() }
    }
}
