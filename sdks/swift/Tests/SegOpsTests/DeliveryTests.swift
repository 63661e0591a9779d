import XCTest

@testable import SegOps

/// What the client sends when all is well.
final class DeliveryTests: XCTestCase {
    func testTrack_CountReached_SendsAtOnce() async throws {
        let fixture = try Fixture { $0.flushAt = 3 }
        let ids = fixture.track(3)

        let received = await fixture.server.request(1)

        XCTAssertEqual(received.ids, ids)
        XCTAssertEqual(received.request.url.absoluteString, "http://localhost:8080/api/ingestion/track/batch/")
        XCTAssertEqual(received.request.headers["Authorization"], "ApiKey pk_test_secretmarker")
        XCTAssertTrue(received.request.headers["User-Agent"]!.hasPrefix("segops-swift/0.1.0 (Swift; "))
        await fixture.client.shutdown()
    }

    func testTrack_OneEvent_IsSentAfterTheInterval() async throws {
        let fixture = try Fixture()
        fixture.track("page_viewed", ["path": "/"])

        await fixture.time.elapse(30_000...30_000)

        let received = await fixture.server.request(1)
        XCTAssertEqual(received.events[0]["payload"], ["path": "/"])
        XCTAssertEqual(received.events[0]["occurred_at"], "2026-01-02T03:20:45.678Z")
        XCTAssertTrue(String(decoding: received.body, as: UTF8.self).hasPrefix(#"{"sent_at":"2026-01-02T03:21:15.678Z","events":["#))
        await fixture.client.shutdown()
    }

    func testFlush_Backlog_FillsBatchesTo500InOrder() async throws {
        let fixture = try Fixture { $0.flushAt = 500 }
        let ids = fixture.track(1699)
        await fixture.client.flush()

        let received = fixture.server.received.value
        XCTAssertEqual(received.flatMap(\.ids), ids)
        XCTAssertEqual(received.map(\.events.count).max(), 500)
        XCTAssertEqual(fixture.client.stats.accepted, 1699)
        assertConserved(fixture.client.stats)
    }

    func testFlush_LargeEvents_KeepsTheByteLimit() async throws {
        let fixture = try Fixture {
            $0.maxBatchBytes = 50_000; $0.flushAt = 500; $0.gzip = false
        }
        for index in 0..<10 { fixture.track("e\(index)", ["text": .string(String(repeating: "x", count: 20_000))]) }
        await fixture.client.flush()

        let sizes = fixture.server.received.value.map(\.body.count)
        XCTAssertEqual(sizes.count, 5)
        XCTAssertTrue(sizes.allSatisfy { $0 <= 50_000 }, "\(sizes)")
    }

    func testFlush_BodyOf1KiB_IsCompressed() async throws {
        let fixture = try Fixture()
        fixture.track("small")
        await fixture.client.flush()
        fixture.track("large", ["text": .string(String(repeating: "x", count: 2000))])
        await fixture.client.flush()

        XCTAssertEqual(fixture.server.received.value.map { $0.request.headers["Content-Encoding"] }, [nil, "gzip"])
    }

    func testFlush_NothingQueued_ReturnsAtOnce() async throws {
        let fixture = try Fixture()

        let result = await fixture.client.flush()

        XCTAssertEqual(result, SegOpsFlushResult())
        XCTAssertEqual(fixture.server.received.value.count, 0)
    }

    func testFlush_EventsOfAnotherFlushesRequest_AreCovered() async throws {
        let fixture = try Fixture(FakeServer([.hang])) { $0.flushAt = 1 }
        fixture.track("first")
        _ = await fixture.server.request(1)
        fixture.track("second")
        let flushed = await fixture.startFlush()
        await fixture.time.elapse(15_000...15_000)
        await fixture.time.elapse(500...1000)

        let result = await flushed.value
        XCTAssertEqual(result.accepted, 2)
    }

    func testFlush_TimeOut_ReturnsWhatRemains() async throws {
        let fixture = try Fixture(FakeServer(otherwise: .hang)) { $0.flushAt = 1 }
        fixture.track("first")
        async let flushed = fixture.client.flush(timeout: .seconds(3))
        await fixture.time.elapse(3000...3000)

        let result = await flushed
        XCTAssertEqual(result, SegOpsFlushResult(remaining: 1))
        assertConserved(fixture.client.stats)
    }

    func testFlush_CancelledTask_ReturnsWhatRemains() async throws {
        let fixture = try Fixture(FakeServer(otherwise: .hang)) { $0.flushAt = 1 }
        fixture.track("first")
        let flushing = Task { await fixture.client.flush(timeout: .seconds(3)) }
        _ = await fixture.server.request(1)
        flushing.cancel()

        let result = await flushing.value
        XCTAssertEqual(result.remaining, 1)
    }

    func testIdentify_Traits_AreSentAsContextIdentified() async throws {
        let fixture = try Fixture()
        let id = fixture.client.identify(userID: "user-1", traits: ["plan": "pro", "age": nil])
        await fixture.client.flush()

        let event = fixture.server.received.value[0].events[0]
        XCTAssertEqual(event["event_id"], .string(id))
        XCTAssertEqual(event["event_type"], "context_identified")
        XCTAssertEqual(event["payload"], ["plan": "pro", "age": nil])
    }

    func testTrack_PayloadChangedAfterwards_IsSentAsItWas() async throws {
        final class Cart: Encodable, @unchecked Sendable {
            var total = 1
        }
        let fixture = try Fixture()
        let cart = Cart()
        fixture.client.track(userID: "user-1", eventType: "cart_changed", payload: cart)
        cart.total = 2
        await fixture.client.flush()

        XCTAssertEqual(fixture.server.received.value[0].events[0]["payload"], ["total": 1])
    }

    func testTrack_MixedLiteral_IsAJSONValue() async throws {
        let fixture = try Fixture()
        fixture.client.track(userID: "user-1", eventType: "a", payload: ["total": 89.95, "currency": "USD", "items": [1, "x"]])
        fixture.client.track(userID: "user-1", eventType: "b", payload: ["only": "strings"])
        fixture.client.track(userID: "user-1", eventType: "c")
        await fixture.client.flush()

        let events = fixture.server.received.value[0].events
        XCTAssertEqual(events[0]["payload"], ["total": 89.95, "currency": "USD", "items": [1, "x"]])
        XCTAssertEqual(events[1]["payload"], ["only": "strings"])
        XCTAssertEqual(events[2]["payload"], [:])
    }

    func testTrack_GivenIDAndTime_AreSent() async throws {
        let fixture = try Fixture()
        let id = fixture.client.track(
            userID: "user-1", eventType: "a", occurredAt: Date(timeIntervalSince1970: 1_700_000_000.5),
            eventID: "01981B3E-7C1A-7B1C-8F02-6D1B9F3A2C41")
        await fixture.client.flush()

        XCTAssertEqual(id, "01981B3E-7C1A-7B1C-8F02-6D1B9F3A2C41")
        XCTAssertEqual(fixture.server.received.value[0].ids, [id])
        XCTAssertEqual(fixture.server.received.value[0].events[0]["occurred_at"], "2023-11-14T22:13:20.500Z")
    }

    func testTrack_InvalidEvent_IsDroppedWithTheReason() async throws {
        let fixture = try Fixture()
        let id = fixture.client.track(userID: "", eventType: "a")
        let second = fixture.client.track(userID: "user-1", eventType: "a", eventID: "order-1")

        let drop = await fixture.drop(1)
        XCTAssertEqual([drop.eventID, drop.reason.rawValue, drop.field, drop.code], [id, "invalid", "user_id", "empty"])
        let other = await fixture.drop(2)
        XCTAssertEqual([other.eventID, second, other.code], ["order-1", "order-1", "invalid_event_id"])
        XCTAssertEqual(fixture.client.stats.drops, [.invalid: 2])
        assertConserved(fixture.client.stats)
    }

    func testTrack_TypeNotInSnakeCase_IsSentWithOneWarning() async throws {
        let fixture = try Fixture()
        fixture.track("OrderPlaced")
        fixture.track("OrderPlaced")
        await fixture.client.shutdown()

        XCTAssertEqual(fixture.warnings.value.map(\.code), ["event_type_not_snake_case"])
        XCTAssertEqual(fixture.client.stats.accepted, 2)
    }

    func testTrack_Disabled_DoesNothing() async throws {
        let fixture = try Fixture {
            $0.isEnabled = false; $0.flushAt = 1
        }
        fixture.track("a")
        let result = await fixture.client.shutdown()

        XCTAssertEqual(result, SegOpsFlushResult())
        XCTAssertEqual(fixture.client.stats, SegOpsStats())
        XCTAssertEqual(fixture.server.received.value.count, 0)
    }

    func testDeinit_EventsQueued_AreStillDelivered() async throws {
        let server = FakeServer()
        do {
            let fixture = try Fixture(server)
            fixture.track("last")
        }

        let received = await server.request(1)
        XCTAssertEqual(received.types, ["last"])
    }

    func testTrack_ManyThreads_StatsAddUp() async throws {
        let fixture = try Fixture { $0.maxQueueEvents = 500 }
        let client = fixture.client
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<500 { client.track(userID: "u", eventType: "e", payload: ["n": .init(number)]) }
                    await client.flush()
                }
            }
        }
        await client.shutdown()

        let stats = client.stats
        XCTAssertEqual(stats.tracked, 4000)
        XCTAssertEqual(stats.queued + stats.inFlight, 0)
        XCTAssertEqual(stats.accepted, fixture.server.received.value.reduce(0) { $0 + $1.events.count })
        assertConserved(stats)
    }
}
