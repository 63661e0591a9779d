import XCTest

@testable import SegOps

final class JournalTests: XCTestCase {
    private var base = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        base = FileManager.default.temporaryDirectory.appendingPathComponent("segops-\(UUID().uuidString)", isDirectory: true)
    }

    override func tearDownWithError() throws {
        try? FileManager.default.removeItem(at: base)
    }

    private func fixture(_ server: FakeServer = FakeServer(), _ change: (inout SegOpsOptions) -> Void = { _ in }) throws -> Fixture {
        try Fixture(server) {
            $0.persistence = .directory(base)
            change(&$0)
        }
    }

    /// Leaves `count` events on disk, as a process that ended.
    private func leave(_ count: Int, _ prefix: String = "event") async throws -> [String] {
        let fixture = try fixture(FakeServer(otherwise: .hang))
        let ids = fixture.track(count, prefix)
        let result = await fixture.client.shutdown(within: .zero)
        XCTAssertEqual(result.remaining, count)
        XCTAssertEqual(fixture.client.stats.queued, count)
        XCTAssertEqual(fixture.drops.value.count, 0)
        return ids
    }

    private func files(_ suffix: String = ".jsonl") throws -> [URL] {
        try FileManager.default.subpathsOfDirectory(atPath: base.path).filter { $0.hasSuffix(suffix) }.sorted()
            .map { base.appendingPathComponent($0) }
    }

    func testShutdown_UndecidedEvents_AreSentByTheNextClientBeforeItsOwn() async throws {
        let left = try await leave(3)
        let next = try fixture()
        let own = next.track(2, "own")
        let result = await next.client.shutdown()

        XCTAssertEqual(result.accepted, 5)
        XCTAssertEqual(next.server.received.value.flatMap(\.ids), left + own)
        XCTAssertEqual(next.client.stats.tracked, 5)
        XCTAssertEqual(try files(), [])
        XCTAssertEqual(try files("lock"), [])
    }

    func testAppend_ManyEvents_AreInSegmentsOfAtMost256KiB() async throws {
        let fixture = try fixture { $0.flushAt = 500 }
        for index in 0..<40 { fixture.track("e\(index)", ["text": .string(String(repeating: "x", count: 20_000))]) }
        await fixture.client.shutdown(within: .zero)

        let sizes = try files().map { try Data(contentsOf: $0).count }
        XCTAssertEqual(sizes.count, 4)
        XCTAssertTrue(sizes.allSatisfy { $0 <= 256 * 1024 }, "\(sizes)")
    }

    func testOpen_TornTail_IsSkipped() async throws {
        let left = try await leave(3)
        let file = try XCTUnwrap(try files().first)
        let data = try Data(contentsOf: file)
        try data.dropLast(10).write(to: file)
        let next = try fixture()
        await next.client.shutdown()

        XCTAssertEqual(next.server.received.value.flatMap(\.ids), Array(left.prefix(2)))
    }

    func testForget_BehindATornTail_IsReadAgain() async throws {
        let left = try await leave(600)
        let file = try XCTUnwrap(try files().first)
        try (Data(contentsOf: file) + Data(#"{"crc":"0000"#.utf8)).write(to: file)
        let paused = FakeServer.Answer.response(.problem(503, "x", ["Retry-After": "99999"]))
        let second = try fixture(FakeServer([.decide { .accepted($0.events.count) }], otherwise: paused))
        await second.server.received.wait("the second batch") { $0.count == 2 }
        await second.client.shutdown(within: .zero)
        let third = try fixture()
        await third.client.shutdown()

        XCTAssertEqual(second.client.stats.accepted, 500)
        XCTAssertEqual(third.server.received.value.flatMap(\.ids), Array(left.dropFirst(500)))
    }

    func testOpen_DamagedLine_IsSkippedAlone() async throws {
        let left = try await leave(3)
        let file = try XCTUnwrap(try files().first)
        var lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
        let middle = lines[1].startIndex + lines[1].count / 2
        lines[1][middle] ^= 1
        try Data(lines.joined(separator: [UInt8(ascii: "\n")])).write(to: file)
        let next = try fixture()
        await next.client.shutdown()

        XCTAssertEqual(next.server.received.value.flatMap(\.ids), [left[0], left[2]])
    }

    func testForget_PartOfASegment_IsNotSentAgain() async throws {
        let paused = FakeServer.Answer.response(.problem(503, "x", ["Retry-After": "99999"]))
        let first = try fixture(FakeServer([.decide { .accepted($0.events.count) }], otherwise: paused))
        let ids = first.track(600)
        await first.server.received.wait("the first batch") { $0.count == 2 }
        await first.client.shutdown(within: .zero)
        XCTAssertEqual(first.client.stats.accepted, first.server.received.value[0].ids.count)
        let next = try fixture()
        await next.client.shutdown()

        XCTAssertEqual(next.server.received.value.flatMap(\.ids), Array(ids.dropFirst(first.client.stats.accepted)))
    }

    func testOpen_FolderInUse_IsNotShared() async throws {
        let first = try fixture(FakeServer(otherwise: .hang)) { $0.flushAt = 500 }
        first.track(2, "first")
        let second = try fixture()
        second.track(2, "second")
        await second.client.shutdown()

        XCTAssertEqual(second.server.received.value.flatMap(\.types), types(0..<2, "second"))
        await first.client.shutdown(within: .zero)
        let third = try fixture()
        await third.client.shutdown()
        XCTAssertEqual(third.server.received.value.flatMap(\.types), types(0..<2, "first"))
    }

    func testOpen_SeveralAbandonedFolders_AreAllAdopted() async throws {
        let one = try fixture()
        let two = try fixture()
        let ids = one.track(2, "one") + two.track(2, "two")
        await one.client.shutdown(within: .zero)
        await two.client.shutdown(within: .zero)
        XCTAssertEqual(try files().count, 2)
        let next = try fixture()
        await next.client.shutdown()

        XCTAssertEqual(Set(next.server.received.value.flatMap(\.ids)), Set(ids))
        XCTAssertEqual(try files(), [])
    }

    func testAppend_NoFolder_KeepsEventsInMemoryAndReportsIt() async throws {
        try Data().write(to: base)
        let fixture = try fixture()
        fixture.track(3)
        let flushed = await fixture.client.flush()

        XCTAssertEqual(flushed.accepted, 3)
        await fixture.failures.wait("a storage failure") { $0.count == 1 }
        XCTAssertEqual(fixture.failures.value[0].kind, .storage)
        fixture.track("lost")
        await fixture.client.shutdown(within: .zero)
        XCTAssertEqual(fixture.client.stats.drops, [.storage: 1])
        assertConserved(fixture.client.stats)
    }

    func testOpen_EventsOlderThanTheLimit_Expire() async throws {
        let left = try await leave(1)
        let next = try fixture { $0.maxEventAge = .milliseconds(1) }
        next.time.advance(10)
        _ = await next.drop(1)

        XCTAssertEqual(next.drops.value.map(\.eventID), left)
        XCTAssertEqual(next.drops.value.map(\.reason), [.expired])
        await next.client.shutdown()
        XCTAssertEqual(try files(), [])
    }

    func testRecord_WrittenAndRead_IsTheSame() {
        var bytes: [UInt8] = []
        Record.event(at: 5, json: Array(#"{"a":"}\n"}"#.utf8)).append(to: &bytes)
        Record.done(ids: ["a", "b"]).append(to: &bytes)
        let lines = bytes.split(separator: UInt8(ascii: "\n"))

        guard case .event(5, let json)? = Record(line: lines[0]), case .done(let ids)? = Record(line: lines[1]) else {
            return XCTFail("unreadable")
        }
        XCTAssertEqual(String(decoding: json, as: UTF8.self), #"{"a":"}\n"}"#)
        XCTAssertEqual(ids, ["a", "b"])
        XCTAssertNil(Record(line: lines[0].dropLast(2) + lines[0].suffix(1)))
    }
}
