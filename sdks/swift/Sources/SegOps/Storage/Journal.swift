import Dispatch
import Foundation

/// Keeps undecided events on disk. A queue of its own does all work on files, so callers and the sender never wait for a disk.
///
/// An event reaches the operating system within ``writeDelay``, so it outlives the process, but not always a loss of power.
final class Journal: @unchecked Sendable {
    /// The promise is 250 ms. The rest is for a busy machine.
    private static let writeDelay = DispatchTimeInterval.milliseconds(50)
    private static let retryDelay = DispatchTimeInterval.seconds(2)

    private let base: URL
    private let notifier: Notifier
    private let time: any TimeSource
    private let work = DispatchQueue(label: "ai.segops.journal")
    private let unwritten = Locked<(events: [Event], isScheduled: Bool)>(([], false))

    // Used on `work` only.
    private var slot: Slot?
    private var nextNumber = 1
    private var current: Segment?
    private var segments: [UInt64: Segment] = [:]
    private var isFailing = false
    private var isClosed = false

    init(base: URL, notifier: Notifier, time: any TimeSource) {
        self.base = base
        self.notifier = notifier
        self.time = time
    }

    /// Begins to look for the events of earlier processes. `restore` gives them their sequences.
    func open(restore: @escaping @Sendable ([Event]) -> [Event]) {
        work.async { [self] in
            do {
                try load(restore)
            } catch {
                report(error)
            }
        }
    }

    /// Returns when the work that was begun is done.
    func settled() async {
        await perform { _ in }
    }

    /// Takes an event that will be written soon. Does no input or output.
    func append(_ event: Event) {
        let isFirst = unwritten.withLock { unwritten -> Bool in
            unwritten.events.append(event)
            defer { unwritten.isScheduled = true }
            return !unwritten.isScheduled
        }
        if isFirst { schedule(after: Self.writeDelay) }
    }

    /// Events that are decided need not outlive the process.
    func forget(_ events: [Event]) {
        guard !events.isEmpty else { return }
        work.async { [self] in
            let sequences = Set(events.map(\.sequence))
            unwritten.withLock { $0.events.removeAll { sequences.contains($0.sequence) } }
            var decided: [ObjectIdentifier: (segment: Segment, ids: [String])] = [:]
            for event in events {
                guard let segment = segments.removeValue(forKey: event.sequence) else { continue }
                decided[ObjectIdentifier(segment), default: (segment, [])].ids.append(event.id)
            }
            decided.values.forEach { mark($0.segment, $0.ids) }
        }
    }

    /// Writes what is left and lets another client have the files. Returns the events that are not on disk.
    func close() async -> Set<UInt64> {
        await perform { journal in
            journal.write()
            journal.isClosed = true
            journal.current?.seal()
            journal.slot?.release()
            return Set(journal.unwritten.withLock { $0.events.map(\.sequence) })
        }
    }

    private func perform<Result: Sendable>(_ body: @escaping @Sendable (Journal) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            work.async { continuation.resume(returning: body(self)) }
        }
    }

    // MARK: On the queue

    private func schedule(after delay: DispatchTimeInterval) {
        work.asyncAfter(deadline: .now() + delay) { [self] in write() }
    }

    private func load(_ restore: ([Event]) -> [Event]) throws {
        let slot = try Slot.acquire(below: base)
        self.slot = slot
        var found: [Event] = []
        var homes: [Segment] = []
        let (now, uptime) = (time.unixMilliseconds, time.uptimeMilliseconds)
        for url in try slot.segments() {
            nextNumber = max(nextNumber, (Slot.number(of: url) ?? 0) + 1)
            let (records, damaged, bytes) = try Segment.read(url)
            let segment = Segment(existing: url, pending: 0, bytes: bytes)
            for (at, json) in records {
                guard let identity = Event.Identity(json: json) else { continue }
                segment.pending += 1
                homes.append(segment)
                found.append(Event(id: identity.id, type: identity.type, json: json, trackedAt: uptime - max(0, now - at)))
            }
            if segment.pending == 0 { segment.remove() }
            if damaged > 0 { notifier.log(.warning, reason: "damaged", "\(damaged) damaged lines on disk were skipped.") }
        }
        for (event, segment) in zip(restore(found), homes) { segments[event.sequence] = segment }
    }

    private func write() {
        let events = unwritten.withLock { unwritten in
            defer { unwritten = ([], false) }
            return unwritten.events
        }
        guard !events.isEmpty, !isClosed else { return }
        var written = 0
        do {
            if slot == nil { slot = try Slot.acquire(below: base) }
            while written < events.count { written += try writeSegment(events[written...]) }
            isFailing = false
        } catch {
            report(error)
            // A file without events would be left behind at every attempt.
            if current?.pending == 0 { current?.remove() } else { current?.seal() }
            current = nil
            unwritten.withLock { $0 = (events[written...] + $0.events, true) }
            schedule(after: Self.retryDelay)
        }
    }

    /// Writes as many events as the current segment takes. Returns their number.
    private func writeSegment(_ events: ArraySlice<Event>) throws -> Int {
        let segment = try current ?? newSegment()
        var lines: [UInt8] = []
        var count = 0
        // The two clocks are compared now, so a change of the device's clock does not change an event's age.
        let difference = time.unixMilliseconds - time.uptimeMilliseconds
        for event in events {
            let start = lines.count
            Record.event(at: event.trackedAt + difference, json: event.json).append(to: &lines)
            if count > 0 || segment.bytes > 0, segment.bytes + lines.count > Segment.maxEventBytes {
                lines.removeSubrange(start...)
                break
            }
            count += 1
        }
        if count == 0 {
            segment.seal()
            current = nil
            return 0
        }
        try segment.append(lines)
        segment.pending += count
        for event in events.prefix(count) { segments[event.sequence] = segment }
        return count
    }

    private func newSegment() throws -> Segment {
        guard let slot else { throw Slot.Unavailable() }
        let segment = try Segment(creating: slot.segment(nextNumber))
        nextNumber += 1
        current = segment
        return segment
    }

    private func mark(_ segment: Segment, _ ids: [String]) {
        segment.pending -= ids.count
        guard segment.pending > 0 else {
            if segment === current { current = nil }
            segment.remove()
            return
        }
        var line: [UInt8] = []
        Record.done(ids: ids).append(to: &line)
        // Without this line the events are sent again after a restart, and the server counts them once.
        try? segment.append(line)
    }

    private func report(_ error: any Error) {
        guard !isFailing else { return }
        isFailing = true
        // The error's own text can name folders of the user.
        let fault = error as NSError
        notifier.fail(
            SegOpsFailure(
                kind: .storage, status: nil, code: nil,
                message: "Events cannot be written to disk (\(fault.domain) \(fault.code)). They are kept in memory."))
    }
}
