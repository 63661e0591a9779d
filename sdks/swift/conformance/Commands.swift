import Foundation
import SegOps

/// A command of the conformance runner, one line of JSON.
struct Command: Decodable, Sendable {
    struct Event: Decodable, Sendable {
        let userId: String?
        let eventType: String?
        let payload: JSONValue?
        let occurredAt: String?
        let eventId: String?
    }

    let id: Int
    let op: String
    let client: String?
    let options: Options?
    let event: Event?
    let `repeat`: Int?
    let threads: Int?
    let userId: String?
    let traits: JSONValue?
    let mutation: [String: JSONValue]?
    let timeoutMs: Int?
    let on: [String]?
}

struct Options: Decodable, Sendable {
    let apiUrl: String
    let apiKey: String
    let flushAt, flushIntervalMs, maxBatchBytes, maxQueueEvents, maxQueueBytes, requestTimeoutMs, backoffBaseMs, backoffMaxMs: Int?
    let maxEventAgeMs, shutdownTimeoutMs, probeIntervalMs, byteLimitMs, throwingTransport: Int?
    let gzip, enabled, allowInsecure: Bool?
    let persistenceDirectory: String?

    /// The SDK's options. What is not given keeps its default.
    var segOps: SegOpsOptions {
        var options = SegOpsOptions()
        func set<Value>(_ path: WritableKeyPath<SegOpsOptions, Value>, _ value: Value?) {
            if let value { options[keyPath: path] = value }
        }
        func duration(_ milliseconds: Int?) -> Duration? { milliseconds.map { .milliseconds($0) } }
        set(\.flushAt, flushAt)
        set(\.flushInterval, duration(flushIntervalMs))
        set(\.maxBatchBytes, maxBatchBytes)
        set(\.maxQueueEvents, maxQueueEvents)
        set(\.maxQueueBytes, maxQueueBytes)
        set(\.requestTimeout, duration(requestTimeoutMs))
        set(\.backoffBase, duration(backoffBaseMs))
        set(\.backoffMax, duration(backoffMaxMs))
        set(\.maxEventAge, duration(maxEventAgeMs))
        set(\.shutdownTimeout, duration(shutdownTimeoutMs))
        set(\.configurationProbeInterval, duration(probeIntervalMs))
        set(\.quotaProbeInterval, duration(probeIntervalMs))
        set(\.byteLimitDuration, duration(byteLimitMs))
        set(\.gzip, gzip)
        set(\.isEnabled, enabled)
        set(\.allowsInsecureHTTP, allowInsecure)
        set(\.persistence, persistenceDirectory.map { .directory(URL(fileURLWithPath: $0, isDirectory: true)) })
        set(\.transport, throwingTransport.map(ThrowingTransport.init))
        return options
    }
}

/// Fails its first sends with an error that the SDK does not know.
actor ThrowingTransport: SegOpsTransport {
    struct Unexpected: Error {}

    private let transport = SegOpsOptions.platformTransport()
    private var failures: Int

    init(failures: Int) {
        self.failures = failures
    }

    func send(_ request: SegOpsRequest) async throws -> SegOpsResponse {
        if failures > 0 {
            failures -= 1
            throw Unexpected()
        }
        return try await transport.send(request)
    }
}

/// A payload that its owner can change after it was tracked.
final class MutablePayload: Encodable, @unchecked Sendable {
    var members: [String: JSONValue]

    init(_ members: [String: JSONValue]) {
        self.members = members
    }

    func encode(to encoder: any Encoder) throws {
        try members.encode(to: encoder)
    }
}

/// Writes lines of JSON to standard output, one at a time.
enum Output {
    private static let lock = NSLock()

    static func write(_ line: [String: JSONValue]) {
        guard let data = try? JSONEncoder().encode(line) else { return }
        lock.withLock { FileHandle.standardOutput.write(data + Data("\n".utf8)) }
    }

    static func event(_ name: String, client: String, _ members: [String: JSONValue?]) {
        write(members.compactMapValues { $0 }.merging(["ev": .string(name), "client": .string(client)]) { $1 })
    }
}
