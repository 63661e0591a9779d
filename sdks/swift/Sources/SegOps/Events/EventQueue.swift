/// The events that are not decided, with the counts of all. Callers of `track()` and the sender share it.
final class EventQueue: Sendable {
    enum Entry {
        /// `isDue`: the sender may have something to do.
        case queued(isDue: Bool)
        case full
        case closed
    }

    enum Outcome {
        case accepted
        case rejected
        case dropped(SegOpsDropReason)
    }

    private struct State {
        var events = EventList()
        var bytes = 0
        var inFlight: Set<UInt64> = []
        var lastSequence: UInt64 = 0
        var isClosed = false
        var stats = SegOpsStats()
        var flushes: [FlushWaiter] = []
    }

    private let state = Locked(State())
    private let maxEvents: Int
    private let maxBytes: Int
    private let flushAt: Int

    init(options: SegOpsOptions) {
        maxEvents = options.maxQueueEvents
        maxBytes = options.maxQueueBytes
        flushAt = options.flushAt
    }

    /// `accept` runs under the lock for an event that is taken, so that a journal gets events in the order of the queue.
    func add(_ event: Event, accept: (Event) -> Void) -> Entry {
        state.withLock { state in
            state.stats.tracked += 1
            if state.isClosed {
                state.stats.drops[.closed, default: 0] += 1
                return .closed
            }
            if state.events.count >= maxEvents || state.bytes + event.json.count > maxBytes {
                state.stats.drops[.queueFull, default: 0] += 1
                return .full
            }
            state.lastSequence += 1
            var event = event
            event.sequence = state.lastSequence
            state.bytes += event.json.count
            state.events.append(event)
            accept(event)
            let waiting = state.events.count - state.inFlight.count
            return .queued(isDue: waiting == 1 || waiting == flushAt)
        }
    }

    /// Counts an event that never enters the queue.
    func countRefused(_ reason: SegOpsDropReason) {
        state.withLock { state in
            state.stats.tracked += 1
            state.stats.drops[reason, default: 0] += 1
        }
    }

    /// Puts events of an earlier process before all others, also beyond the limits. Returns them with their sequences.
    func restore(_ events: [Event]) -> [Event] {
        state.withLock { state in
            var events = events
            for index in events.indices {
                state.lastSequence += 1
                events[index].sequence = state.lastSequence
                state.bytes += events[index].json.count
            }
            state.stats.tracked += events.count
            state.events.prepend(events)
            return events
        }
    }

    /// From now on every event is refused as `closed`.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    var stats: SegOpsStats {
        state.withLock { state in
            var stats = state.stats
            stats.inFlight = state.inFlight.count
            stats.queued = state.events.count - stats.inFlight
            return stats
        }
    }

    /// What decides when the next request is due: the count, the oldest event, and whether a flush waits.
    var demand: (count: Int, oldest: Event?, isFlushing: Bool) {
        state.withLock { ($0.events.count, $0.events.first, !$0.flushes.isEmpty) }
    }

    /// Marks events in the order of the queue as being on their way: from place `start`, at least one.
    func take(from start: Int, maxEvents: Int, maxBytes: Int) -> [Event] {
        state.withLock { state in
            var batch: [Event] = []
            var bytes = Batch.overheadBytes
            for index in min(start, state.events.count)..<state.events.count where batch.count < maxEvents {
                let event = state.events[index]
                bytes += event.json.count + 1
                if !batch.isEmpty, bytes > maxBytes { break }
                batch.append(event)
            }
            state.inFlight = Set(batch.map(\.sequence))
            return batch
        }
    }

    /// Returns the events on their way to the queue, in their old places.
    func release() {
        state.withLock { $0.inFlight = [] }
    }

    /// Removes events that are decided. Those on their way that are not among them return to the queue.
    func decide(_ decisions: [(event: Event, outcome: Outcome)]) {
        state.withLock { state in
            state.inFlight = []
            state.events.remove(decisions.map(\.event.sequence))
            for (event, outcome) in decisions {
                state.bytes -= event.json.count
                switch outcome {
                case .accepted: state.stats.accepted += 1
                case .rejected: state.stats.rejected += 1
                case .dropped(let reason): state.stats.drops[reason, default: 0] += 1
                }
                for waiter in state.flushes { waiter.count(event, outcome) }
            }
            state.flushes.removeAll { $0.result.remaining == 0 }
        }
    }

    /// The events that are older than `bound` on the clock of ``Event/trackedAt``.
    func events(trackedBefore bound: Int64) -> [Event] {
        state.withLock { state in state.events.filter { $0.trackedAt < bound } }
    }

    var all: [Event] {
        state.withLock { $0.events.filter { _ in true } }
    }

    /// A waiter for all events that are undecided now. Nil: there is none.
    func addFlush() -> FlushWaiter? {
        state.withLock { state in
            guard state.events.count > 0 else { return nil }
            let waiter = FlushWaiter(last: state.lastSequence, count: state.events.count)
            state.flushes.append(waiter)
            return waiter
        }
    }

    /// The counts of `waiter`, which counts no longer.
    func endFlush(_ waiter: FlushWaiter) -> SegOpsFlushResult {
        state.withLock { state in
            state.flushes.removeAll { $0 === waiter }
            return waiter.result
        }
    }

    /// Wakes all waiters: nothing more will be decided.
    func endFlushes() {
        state.withLock { state in
            state.flushes.forEach { $0.done.wake() }
            state.flushes = []
        }
    }
}
