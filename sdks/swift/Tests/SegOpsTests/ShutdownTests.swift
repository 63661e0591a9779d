import XCTest

@testable import SegOps

final class ShutdownTests: XCTestCase {
    func testShutdown_EventsQueued_AreDelivered() async throws {
        let fixture = try Fixture()
        fixture.track(3)
        let result = await fixture.client.shutdown()

        XCTAssertEqual(result, SegOpsFlushResult(accepted: 3))
        assertConserved(fixture.client.stats)
    }

    func testShutdown_UnusedClient_ReturnsAtOnce() async throws {
        let fixture = try Fixture()
        let result = await fixture.client.shutdown()

        XCTAssertEqual(result, SegOpsFlushResult())
    }

    func testShutdown_HungServer_EndsAtTheDeadline() async throws {
        let fixture = try Fixture(FakeServer(otherwise: .hang))
        let id = fixture.track("a")
        async let ended = fixture.client.shutdown(within: .seconds(4))
        _ = await fixture.server.request(1)
        await fixture.time.elapse(4000...4000)

        let result = await ended
        XCTAssertEqual(result, SegOpsFlushResult(dropped: 1))
        let drop = await fixture.drop(1)
        XCTAssertEqual([drop.eventID, drop.reason.rawValue], [id, "shutdown"])
        assertConserved(fixture.client.stats)
    }

    func testShutdown_PauseBeyondTheDeadline_EndsAtOnce() async throws {
        let fixture = try Fixture(FakeServer([.response(.problem(503, "x", ["Retry-After": "3600"]))]))
        fixture.track("a")
        let result = await fixture.client.shutdown(within: .seconds(10))

        XCTAssertEqual(result, SegOpsFlushResult(dropped: 1))
        XCTAssertEqual(fixture.client.stats.drops, [.shutdown: 1])
    }

    func testShutdown_Twice_GivesTheSameResult() async throws {
        let fixture = try Fixture()
        fixture.track(2)
        async let first = fixture.client.shutdown()
        async let second = fixture.client.shutdown(within: .zero)

        let results = await [first, second]
        XCTAssertEqual(results[0], results[1])
    }

    func testTrack_AfterShutdown_IsDroppedAsClosed() async throws {
        let fixture = try Fixture()
        await fixture.client.shutdown()
        let id = fixture.track("late")

        let drop = await fixture.drop(1)
        XCTAssertEqual([drop.eventID, drop.reason.rawValue], [id, "closed"])
        let flushed = await fixture.client.flush()
        XCTAssertEqual(flushed, SegOpsFlushResult())
        assertConserved(fixture.client.stats)
    }
}
