import XCTest

@testable import SegOps

final class EventQueueTests: XCTestCase {
    private func queue(maxEvents: Int = 100, maxBytes: Int = 10_000) -> EventQueue {
        var options = SegOpsOptions()
        options.maxQueueEvents = maxEvents
        options.maxQueueBytes = maxBytes
        options.flushAt = 3
        return EventQueue(options: options)
    }

    private func event(_ id: String, bytes: Int = 10) -> Event {
        Event(id: id, type: "t", json: [UInt8](repeating: 0x20, count: bytes), trackedAt: 0)
    }

    @discardableResult
    private func add(_ queue: EventQueue, _ id: String, bytes: Int = 10) -> String {
        "\(queue.add(event(id, bytes: bytes), accept: { _ in }))"
    }

    private func take(_ queue: EventQueue, _ count: Int, from start: Int = 0) -> [Event] {
        queue.take(from: start, maxEvents: count, maxBytes: 10_000)
    }

    func testAdd_FirstAndFlushAt_AreDue() {
        let queue = queue()

        XCTAssertEqual(["a", "b", "c", "d"].map { add(queue, $0) }.map { $0.contains("true") }, [true, false, true, false])
    }

    func testAdd_FullByEventsOrBytes_RefusesTheNewest() {
        let few = queue(maxEvents: 1)
        add(few, "a")
        XCTAssertEqual(add(few, "b"), "full")
        let small = queue(maxBytes: 25)
        add(small, "a")
        add(small, "b")
        XCTAssertEqual(add(small, "c"), "full")

        XCTAssertEqual(small.stats.queued, 2)
        XCTAssertEqual(small.stats.drops, [.queueFull: 1])
        assertConserved(small.stats)
    }

    func testAdd_Closed_IsRefused() {
        let queue = queue()
        queue.close()

        XCTAssertEqual(add(queue, "a"), "closed")
        XCTAssertEqual(queue.stats.drops, [.closed: 1])
    }

    func testTake_LimitsOfEventsAndBytes_AreKeptButForOneEvent() {
        let queue = queue()
        for id in ["a", "b", "c"] { add(queue, id, bytes: 100) }

        XCTAssertEqual(take(queue, 2).map(\.id), ["a", "b"])
        XCTAssertEqual(queue.take(from: 0, maxEvents: 9, maxBytes: 260).map(\.id), ["a", "b"])
        XCTAssertEqual(queue.take(from: 0, maxEvents: 9, maxBytes: 1).map(\.id), ["a"])
        XCTAssertEqual(take(queue, 1, from: 2).map(\.id), ["c"])
    }

    func testDecide_EventsOfTheMiddle_LeavesTheOthersInOrder() {
        let queue = queue()
        for id in ["a", "b", "c", "d"] { add(queue, id) }
        let batch = take(queue, 2, from: 1)
        XCTAssertEqual(queue.stats.inFlight, 2)

        queue.decide([(batch[0], .accepted), (batch[1], .rejected)])

        XCTAssertEqual(queue.all.map(\.id), ["a", "d"])
        XCTAssertEqual(
            queue.stats,
            stats {
                $0.tracked = 4; $0.accepted = 1; $0.rejected = 1; $0.queued = 2
            })
    }

    func testDecide_TwoEventsWithOneID_RemovesOnlyTheOneThatWasSent() {
        let queue = queue()
        add(queue, "same")
        add(queue, "same")

        queue.decide(take(queue, 1).map { ($0, .accepted) })

        XCTAssertEqual(queue.stats.queued, 1)
        assertConserved(queue.stats)
    }

    func testRestore_WhileFull_PutsEventsFirst() {
        let queue = queue(maxEvents: 1)
        add(queue, "new")

        let restored = queue.restore([event("old1"), event("old2")])

        XCTAssertEqual(queue.all.map(\.id), ["old1", "old2", "new"])
        XCTAssertEqual(Set(restored.map(\.sequence) + [1]).count, 3)
        XCTAssertEqual(queue.stats.tracked, 3)
        assertConserved(queue.stats)
    }

    func testAddFlush_LaterEvents_AreNotCounted() {
        let queue = queue()
        add(queue, "a")
        let waiter = queue.addFlush()!
        add(queue, "b")

        queue.decide(take(queue, 2).map { ($0, .accepted) })

        XCTAssertEqual(queue.endFlush(waiter).accepted, 1)
        XCTAssertEqual(queue.endFlush(waiter).remaining, 0)
    }

    func testEventList_ManyAppendedAndRemoved_KeepsTheOrder() {
        var list = EventList()
        var next: UInt64 = 0
        for round in 0..<50 {
            for _ in 0..<7 {
                next += 1
                var event = event("\(next)")
                event.sequence = next
                list.append(event)
            }
            let sequences = (0..<min(5, list.count)).map { list[$0].sequence }
            list.remove(round % 3 == 0 ? [sequences[1], sequences[3]] : sequences)
        }

        let left = list.filter { _ in true }.map(\.sequence)
        XCTAssertEqual(left, left.sorted())
        XCTAssertEqual(left.count, 50 * 7 - 17 * 2 - 33 * 5)
    }

    private func stats(_ change: (inout SegOpsStats) -> Void) -> SegOpsStats {
        var stats = SegOpsStats()
        change(&stats)
        return stats
    }
}
