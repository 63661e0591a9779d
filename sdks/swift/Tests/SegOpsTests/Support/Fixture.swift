import Foundation
import XCTest

@testable import SegOps

/// A client with a clock and a server of the test's own, and all that it reported.
struct Fixture {
    let time = ManualTime()
    let server: FakeServer
    let client: SegOpsClient
    let drops = Monitor<[SegOpsDrop]>([])
    let failures = Monitor<[SegOpsFailure]>([])
    let warnings = Monitor<[SegOpsWarning]>([])
    let log = Monitor<[String]>([])

    init(_ server: FakeServer = FakeServer(), url: String = "http://localhost:8080", _ change: (inout SegOpsOptions) -> Void = { _ in })
        throws
    {
        var options = SegOpsOptions()
        options.transport = server
        options.persistence = .none
        options.onDrop = { [drops] drop in drops.update { $0.append(drop) } }
        options.onError = { [failures] failure in failures.update { $0.append(failure) } }
        options.onWarning = { [warnings] warning in warnings.update { $0.append(warning) } }
        options.logger = SegOpsLogger { [log] _, message in log.update { $0.append(message) } }
        change(&options)
        self.server = server
        client = try SegOpsClient(apiURL: url, apiKey: "pk_test_secretmarker", options: options, time: time)
    }

    @discardableResult
    func track(_ type: String, _ payload: JSONValue = [:]) -> String {
        client.track(userID: "user-1", eventType: type, payload: payload)
    }

    /// Tracks `count` events of the types `prefix_0`, `prefix_1` and so on.
    @discardableResult
    func track(_ count: Int, _ prefix: String = "event") -> [String] {
        (0..<count).map { track("\(prefix)_\($0)") }
    }

    /// Begins a flush of 77,777 ms. It covers what was tracked when this returns.
    func startFlush() async -> Task<SegOpsFlushResult, Never> {
        let flush = Task { [client] in await client.flush(timeout: .milliseconds(77_777)) }
        await time.sleeping(77_777...77_777)
        return flush
    }

    func drop(_ number: Int, file: StaticString = #filePath, line: UInt = #line) async -> SegOpsDrop {
        await drops.wait("drop \(number)", file: file, line: line) { $0.count >= number }
        return drops.value[number - 1]
    }
}

func assertConserved(_ stats: SegOpsStats, file: StaticString = #filePath, line: UInt = #line) {
    XCTAssertEqual(
        stats.tracked, stats.accepted + stats.rejected + stats.dropped + stats.queued + stats.inFlight, file: file, line: line)
}

func types(_ range: Range<Int>, _ prefix: String = "event") -> [String] {
    range.map { "\(prefix)_\($0)" }
}
