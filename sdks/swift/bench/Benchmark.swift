import Foundation
import SegOps

/// Measures `track()` in the caller's thread beside the bare serialisation of the same event, and the drain of a full queue.
///
/// `swift run -c release TrackBenchmark [URL KEY]`. Without a URL the queue is drained into a server of the benchmark's own.
@main
enum Benchmark {
    struct Payload: Encodable {
        let order_id: String
        let total: Double
        let currency: String
        let items: Int
    }

    struct Event: Encodable {
        let event_id: String
        let user_id: String
        let event_type: String
        let occurred_at: String
        let payload: Payload
    }

    static func main() async throws {
        let payload = Payload(order_id: "ord-456", total: 89.95, currency: "USD", items: 3)
        let literal: JSONValue = ["order_id": "ord-456", "total": 89.95, "currency": "USD", "items": 3]
        let event = Event(
            event_id: "01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41", user_id: "user-123", event_type: "order_placed",
            occurred_at: "2026-01-02T03:04:05.678Z", payload: payload)
        let encoder = JSONEncoder()

        var options = SegOpsOptions()
        options.maxQueueEvents = 1_000_000
        options.maxQueueBytes = 1_000_000_000
        options.flushInterval = .seconds(3600)
        options.flushAt = 500
        options.persistence = .none
        options.logger = .none
        options.transport = Hold()
        let client = try SegOpsClient(apiURL: "http://localhost", apiKey: "pk_test_benchmark", options: options)

        print("call                                   median      p99")
        try report("JSONEncoder, the whole event") { _ = try encoder.encode(event) }
        report("track, payload a JSONValue") { client.track(userID: "user-123", eventType: "order_placed", payload: literal) }
        report("track, payload Encodable") { client.track(userID: "user-123", eventType: "order_placed", payload: payload) }

        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.count == 2 {
            try await drain(url: arguments[0], key: arguments[1], payload: literal)
        } else {
            try await drain(url: Sink().url, key: "pk_test_benchmark", payload: literal)
        }
    }

    /// Never answers, so that the queue is not drained meanwhile.
    struct Hold: SegOpsTransport {
        func send(_ request: SegOpsRequest) async throws -> SegOpsResponse {
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        }
    }

    private static func report(_ name: String, _ call: () throws -> Void) rethrows {
        let count = 100_000
        var times: [Double] = []
        times.reserveCapacity(count)
        for _ in 0..<count {
            let start = ContinuousClock.now
            try call()
            times.append((ContinuousClock.now - start) / .microseconds(1))
        }
        times.sort()
        let label = name.padding(toLength: 36, withPad: " ", startingAt: 0)
        print(label + String(format: " %6.2f us %6.2f us", times[count / 2], times[count * 99 / 100]))
    }

    private static func drain(url: String, key: String, payload: JSONValue) async throws {
        let count = 100_000
        var options = SegOpsOptions()
        options.maxQueueEvents = count
        options.maxQueueBytes = 1_000_000_000
        options.persistence = .none
        let client = try SegOpsClient(apiURL: url, apiKey: key, options: options)
        let start = ContinuousClock.now
        for _ in 0..<count { client.track(userID: "user-123", eventType: "order_placed", payload: payload) }
        let tracked = ContinuousClock.now - start
        await client.flush(timeout: .seconds(120))
        let drained = ContinuousClock.now - start
        let seconds = { (duration: Duration) in String(format: "%.2f s", duration / .seconds(1)) }
        print("drain of \(count) events: tracked in \(seconds(tracked)), \(client.stats.accepted) accepted in \(seconds(drained))")
        await client.shutdown()
    }
}
