import XCTest

@testable import SegOps

/// What the client does with every answer but a plain success.
final class FailureTests: XCTestCase {
    func testFlush_PartOfABatchRejected_DropsExactlyThose() async throws {
        let body = #"""
            {"accepted":3,"rejected":1,
             "errors":[{"index":2,"field":"user_id","code":"suspicious","message":"no"}],
             "warnings":[{"index":0,"field":"event_type","code":"note","message":"hm"}]}
            """#
        let fixture = try Fixture(FakeServer([.response(.json(202, body))]))
        let ids = fixture.track(4)
        let result = await fixture.client.flush()

        XCTAssertEqual(result, SegOpsFlushResult(accepted: 3, rejected: 1))
        let drop = await fixture.drop(1)
        XCTAssertEqual([drop.eventID, drop.reason.rawValue, drop.field, drop.code], [ids[2], "rejected", "user_id", "suspicious"])
        await fixture.warnings.wait("a warning") { $0.count == 1 }
        XCTAssertEqual(fixture.warnings.value[0].eventID, ids[0])
        XCTAssertEqual(fixture.client.stats.dropped, 0)
        assertConserved(fixture.client.stats)
    }

    func testFlush_ValidationFailed_SendsTheOthersAgain() async throws {
        let body = #"{"code":"validation_failed","errors":[{"index":0,"code":"a"},{"index":2,"code":"b"}]}"#
        let fixture = try Fixture(FakeServer([.response(.json(400, body))]))
        fixture.track(4)
        let result = await fixture.client.flush()

        XCTAssertEqual(result, SegOpsFlushResult(accepted: 2, rejected: 2))
        XCTAssertEqual(fixture.server.batches[1], ["event_1", "event_3"])
    }

    func testFlush_OnePoisonousEvent_IsIsolated() async throws {
        let server = FakeServer(
            otherwise: .decide { $0.types.contains("event_5") ? .problem(400, "malformed_json") : .accepted($0.events.count) })
        let fixture = try Fixture(server) {
            $0.flushAt = 500; $0.backoffBase = .milliseconds(1); $0.backoffMax = .milliseconds(1)
        }
        fixture.track(8)
        let flushed = await fixture.startFlush()
        for _ in 0..<4 { await fixture.time.elapse(1...1) }

        let result = await flushed.value
        XCTAssertEqual(result, SegOpsFlushResult(accepted: 7, rejected: 1))
        XCTAssertEqual(server.batches.map(\.count), [8, 4, 4, 2, 1, 1, 2])
        let drop = await fixture.drop(1)
        XCTAssertEqual([drop.eventType, drop.reason.rawValue, drop.code], ["event_5", "rejected", "malformed_json"])
        assertConserved(fixture.client.stats)
    }

    func testFlush_BodyTooLarge_SendsLessUntilTheLimitEnds() async throws {
        let server = FakeServer(otherwise: .decide { $0.events.count > 2 ? .problem(413, "body_too_large") : .accepted($0.events.count) })
        let fixture = try Fixture(server) {
            $0.flushAt = 500; $0.byteLimitDuration = .seconds(600)
        }
        fixture.track(6)
        let flushed = await fixture.startFlush()
        await fixture.time.elapse(500...1000)
        let result = await flushed.value

        XCTAssertEqual(result.accepted, 6)
        XCTAssertEqual(server.batches.map(\.count), [6, 2, 2, 2])
        fixture.time.advance(700_000)
        fixture.track(4)
        let again = await fixture.startFlush()
        let full = await server.request(5)
        XCTAssertEqual(full.events.count, 4)
        await fixture.time.elapse(500...1000)
        _ = await again.value
    }

    func testFlush_OneEventTooLarge_IsDropped() async throws {
        let fixture = try Fixture(FakeServer([.response(.problem(413, "body_too_large"))]))
        fixture.track("large")
        let result = await fixture.client.flush()

        XCTAssertEqual(result, SegOpsFlushResult(dropped: 1))
        let drop = await fixture.drop(1)
        XCTAssertEqual([drop.reason.rawValue, drop.code], ["too_large", "body_too_large"])
    }

    func testFlush_TransientFailures_WaitLongerEachTimeAndSendTheSame() async throws {
        let server = FakeServer([
            .response(.problem(500, "x")), .error(FakeServer.Broken()), .response(.json(200, "<html>")), .response(.problem(408, "x")),
        ])
        let fixture = try Fixture(server)
        fixture.track(3)
        let flushed = await fixture.startFlush()
        await fixture.time.elapse(500...1000)
        await fixture.time.elapse(1000...2000)
        await fixture.time.elapse(2000...4000)
        await fixture.time.elapse(4000...8000)

        let result = await flushed.value
        XCTAssertEqual(result.accepted, 3)
        let bodies = server.received.value.map { String(decoding: $0.body, as: UTF8.self).components(separatedBy: #""events":"#) }
        XCTAssertEqual(Set(bodies.map { $0[1] }).count, 1)
        XCTAssertEqual(Set(bodies.map { $0[0] }).count, 5)
    }

    func testFlush_NoAnswerInTime_TriesAgain() async throws {
        let fixture = try Fixture(FakeServer([.hang])) { $0.requestTimeout = .seconds(7) }
        fixture.track("a")
        let flushed = await fixture.startFlush()
        await fixture.time.elapse(7000...7000)
        await fixture.time.elapse(500...1000)

        let result = await flushed.value
        XCTAssertEqual(result.accepted, 1)
    }

    func testFlush_RetryAfter_IsAFloorForAllRequests() async throws {
        let fixture = try Fixture(FakeServer([.response(.problem(429, "rate_limited", ["Retry-After": "20"]))])) { $0.flushAt = 1 }
        fixture.track("a")
        _ = await fixture.server.request(1)
        fixture.track(30)
        let flushed = await fixture.startFlush()
        await fixture.time.elapse(20_000...20_000)

        let result = await flushed.value
        XCTAssertEqual(result.accepted, 31)
        XCTAssertEqual(fixture.server.batches.map(\.count), [1, 31])
    }

    func testFlush_LastCallOfTheWindow_WaitsBeforeTheNext() async throws {
        let headers = ["RateLimit": #""minute";r=0;t=42"#]
        let fixture = try Fixture(FakeServer([.decide { .accepted($0.events.count, headers: headers) }])) { $0.flushAt = 1 }
        fixture.track("a")
        await fixture.client.flush()
        fixture.track("b")
        let flushed = await fixture.startFlush()
        await fixture.time.elapse(42_000...42_000)

        let result = await flushed.value
        XCTAssertEqual(result.accepted, 1)
    }

    func testFlush_QuotaExceeded_SendsWhatFitsAndThenProbes() async throws {
        let quota = FakeServer.Answer.response(.json(429, #"{"code":"quota_exceeded","remaining":7}"#, ["Retry-After": "86400"]))
        let full = FakeServer.Answer.response(.json(429, #"{"code":"quota_exceeded","remaining":0}"#))
        let fixture = try Fixture(FakeServer([quota, .decide { .accepted($0.events.count) }, full]))
        fixture.track(20)
        await fixture.time.elapse(720_000...1_080_000)
        await fixture.time.elapse(720_000...1_080_000)
        await fixture.server.received.wait("all") { $0.count == 5 }

        XCTAssertEqual(fixture.server.batches, [types(0..<20), types(0..<7), types(7..<8), types(7..<8), types(8..<20)])
        await fixture.client.shutdown()
        XCTAssertEqual(fixture.failures.value.map(\.kind), [.quota])
        XCTAssertEqual(fixture.client.stats.accepted, 20)
    }

    func testFlush_WrongKey_HoldsAndProbesWithAnotherEventEachTime() async throws {
        let refused = FakeServer.Answer.response(.problem(401, "invalid_api_key"))
        let fixture = try Fixture(FakeServer([refused, refused, refused]))
        fixture.track(20)
        for _ in 0..<3 { await fixture.time.elapse(240_000...360_000) }
        await fixture.server.received.wait("all") { $0.count == 6 }

        XCTAssertEqual(
            fixture.server.batches,
            [types(0..<20), types(0..<1), types(1..<2), types(2..<3), Array((types(0..<2) + types(3..<20)).prefix(10)), types(11..<20)])
        await fixture.client.shutdown()
        XCTAssertEqual(fixture.failures.value.map(\.kind), [.configuration])
        XCTAssertEqual(fixture.failures.value[0].code, "invalid_api_key")
        XCTAssertEqual(fixture.client.stats.accepted, 20)
    }

    func testFlush_ServerThatReadsNoGzip_GetsPlainBodiesFromThenOn() async throws {
        let fixture = try Fixture(FakeServer([.response(.problem(415, "unsupported_media_type"))]), url: "http://localhost:415")
        for _ in 0..<2 {
            fixture.track("large", ["text": .string(String(repeating: "x", count: 2000))])
            await fixture.client.flush()
        }

        XCTAssertEqual(fixture.server.received.value.map { $0.request.headers["Content-Encoding"] }, ["gzip", nil, nil])
        XCTAssertEqual(fixture.client.stats.accepted, 2)
    }

    func testFlush_BodyEndsEarlyFourTimes_IsSplit() async throws {
        let broken = FakeServer.Answer.response(.problem(400, "bad_request"))
        let fixture = try Fixture(FakeServer([broken, broken, broken, broken]))
        fixture.track(2)
        let flushed = await fixture.startFlush()
        for range in [500...1000, 1000...2000, 2000...4000, 4000...8000] as [ClosedRange<Int64>] { await fixture.time.elapse(range) }

        let result = await flushed.value
        XCTAssertEqual(result.accepted, 2)
        XCTAssertEqual(fixture.server.batches.map(\.count), [2, 2, 2, 2, 1, 1])
    }

    func testRun_EventTooOld_IsDroppedAsExpired() async throws {
        let fixture = try Fixture(FakeServer(otherwise: .response(.problem(503, "x", ["Retry-After": "999999"])))) {
            $0.maxEventAge = .seconds(3600)
            $0.flushAt = 1
        }
        let id = fixture.track("old")
        await fixture.time.elapse(3_600_001...3_600_001)

        let drop = await fixture.drop(1)
        XCTAssertEqual([drop.eventID, drop.reason.rawValue], [id, "expired"])
        XCTAssertEqual(fixture.client.stats.drops, [.expired: 1])
    }

    func testTrack_QueueFull_RefusesTheNewestWithOneDropEach() async throws {
        let fixture = try Fixture(FakeServer(otherwise: .hang)) {
            $0.maxQueueEvents = 5; $0.flushAt = 1
        }
        let ids = fixture.track(8)

        _ = await fixture.drop(3)
        XCTAssertEqual(fixture.drops.value.map(\.eventID), Array(ids[5...]))
        XCTAssertEqual(fixture.client.stats.drops, [.queueFull: 3])
        assertConserved(fixture.client.stats)
    }

    func testCallbacks_ThatThrow_ChangeNothing() async throws {
        let fixture = try Fixture {
            $0.onDrop = { _ in throw FakeServer.Broken() }
            $0.onWarning = { _ in throw FakeServer.Broken() }
            $0.logger = SegOpsLogger { _, _ in throw FakeServer.Broken() }
        }
        fixture.client.track(userID: "", eventType: "a")
        fixture.track("NotSnakeCase")
        let result = await fixture.client.shutdown()

        XCTAssertEqual(result.accepted, 1)
    }

    func testLog_AnyFailure_HoldsNeitherKeyNorEvent() async throws {
        let server = FakeServer([
            .response(.problem(500, "x")), .response(.problem(401, "invalid_api_key")), .response(.problem(400, "malformed_json")),
        ])
        let fixture = try Fixture(server)
        fixture.client.track(userID: "user-marker", eventType: "a", payload: ["email": "payload-marker"])
        await fixture.time.elapse(30_000...30_000)
        await fixture.time.elapse(500...1000)
        await fixture.time.elapse(240_000...360_000)
        _ = await fixture.drop(1)
        await fixture.client.shutdown()

        XCTAssertGreaterThanOrEqual(fixture.log.value.count, 3)
        for marker in ["secretmarker", "user-marker", "payload-marker"] {
            XCTAssertFalse(fixture.log.value.contains { $0.contains(marker) }, "\(fixture.log.value)")
        }
    }

    func testLog_SameReasonWithinAMinute_IsWrittenOnce() async throws {
        let fixture = try Fixture(FakeServer(otherwise: .response(.problem(500, "x"))))
        fixture.track("a")
        await fixture.time.elapse(30_000...30_000)
        await fixture.time.elapse(500...1000)
        await fixture.time.elapse(1000...2000)
        await fixture.server.received.wait("three requests") { $0.count == 3 }
        async let ended = fixture.client.shutdown(within: .zero)
        _ = await ended

        XCTAssertEqual(fixture.log.value.filter { $0.hasPrefix("Status 500") }.count, 1)
    }
}
