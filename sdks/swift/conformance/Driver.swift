import Foundation
import SegOps

/// Drives the SDK for the conformance runner: commands on standard input, replies and events on standard output.
@main
final class Driver: @unchecked Sendable {
    struct Failure: Error {
        let text: String
    }

    private struct Thrown: Error {}

    private let lock = NSLock()
    private var clients: [String: SegOpsClient] = [:]
    private var throwing: Set<String> = []

    static func main() {
        let driver = Driver()
        while let line = readLine() {
            do {
                driver.serve(try JSONDecoder().decode(Command.self, from: Data(line.utf8)))
            } catch {
                FileHandle.standardError.write(Data("unreadable command: \(error)\n".utf8))
            }
        }
    }

    private func serve(_ command: Command) {
        switch command.op {
        case "flush", "shutdown": Task { await reply(command) { try await self.wait(command) } }
        default: reply(command) { try self.run(command) }
        }
    }

    private func reply(_ command: Command, _ body: () throws -> [String: JSONValue]) {
        write(command, Result { try body() })
    }

    private func reply(_ command: Command, _ body: () async throws -> [String: JSONValue]) async {
        do {
            write(command, .success(try await body()))
        } catch {
            write(command, .failure(error))
        }
    }

    private func write(_ command: Command, _ result: Result<[String: JSONValue], any Error>) {
        switch result {
        case .success(let members): Output.write(["id": .init(command.id), "ok": true].merging(members) { $1 })
        case .failure(let error):
            let text = (error as? Failure)?.text ?? "\(error)"
            Output.write(["id": .init(command.id), "ok": false, "error": .string(text)])
        }
    }

    private func run(_ command: Command) throws -> [String: JSONValue] {
        switch command.op {
        case "new":
            try open(command)
            return ["sdk": .string("swift/\(SegOpsClient.sdkVersion)"), "caps": ["gzip", "persist", "threads"]]
        case "track": return try track(command)
        case "identify":
            let id = try client(command).identify(userID: command.userId ?? "", traits: command.traits ?? [:])
            return ["ids": [.string(id)]]
        case "mutate": return try mutate(command)
        case "stats": return ["stats": describe(try client(command).stats)]
        case "throw_in_callback":
            lock.withLock { throwing = Set(command.on ?? []) }
            return [:]
        case "ping": return [:]
        default: throw Failure(text: "unknown command \(command.op)")
        }
    }

    private func wait(_ command: Command) async throws -> [String: JSONValue] {
        let client = try client(command)
        let start = ContinuousClock.now
        let timeout = command.timeoutMs.map { Duration.milliseconds($0) }
        let result: SegOpsFlushResult
        if command.op == "shutdown" {
            result = await client.shutdown(within: timeout)
        } else if let timeout {
            result = await client.flush(timeout: timeout)
        } else {
            result = await client.flush()
        }
        return [
            "accepted": .init(result.accepted), "rejected": .init(result.rejected), "dropped": .init(result.dropped),
            "remaining": .init(result.remaining), "elapsed_ms": .init((ContinuousClock.now - start) / .milliseconds(1)),
        ]
    }

    private func client(_ command: Command) throws -> SegOpsClient {
        guard let client = lock.withLock({ clients[command.client ?? "default"] }) else { throw Failure(text: "no such client") }
        return client
    }

    private func open(_ command: Command) throws {
        guard let given = command.options else { throw Failure(text: "no options") }
        let name = command.client ?? "default"
        var options = given.segOps
        options.onDrop = { [unowned self] drop in
            Output.event(
                "drop", client: name,
                [
                    "event_id": .string(drop.eventID), "event_type": .string(drop.eventType), "reason": .string(drop.reason.rawValue),
                    "status": drop.status.map { .init($0) }, "code": drop.code.map { .string($0) },
                    "field": drop.field.map { .string($0) }, "message": drop.message.map { .string($0) },
                ])
            try self.throwIfAsked("drop")
        }
        options.onError = { [unowned self] failure in
            Output.event(
                "error", client: name,
                [
                    "kind": .string(failure.kind.rawValue), "status": failure.status.map { .init($0) },
                    "code": failure.code.map { .string($0) }, "message": .string(failure.message),
                ])
            try self.throwIfAsked("error")
        }
        options.onWarning = { [unowned self] warning in
            Output.event(
                "warning", client: name,
                [
                    "event_id": warning.eventID.map { .string($0) }, "field": warning.field.map { .string($0) },
                    "code": warning.code.map { .string($0) }, "message": .string(warning.message),
                ])
            try self.throwIfAsked("warning")
        }
        options.logger = SegOpsLogger { [unowned self] level, message in
            Output.event("log", client: name, ["level": .string(level.rawValue), "message": .string(message)])
            try self.throwIfAsked("log")
        }
        let client = try SegOpsClient(apiURL: given.apiUrl, apiKey: given.apiKey, options: options)
        lock.withLock { clients[name] = client }
    }

    private func throwIfAsked(_ callback: String) throws {
        if lock.withLock({ throwing.contains(callback) }) { throw Thrown() }
    }

    private func track(_ command: Command) throws -> [String: JSONValue] {
        guard let event = command.event else { throw Failure(text: "no event") }
        let client = try client(command)
        let occurredAt = try event.occurredAt.map(Self.date)
        let count = command.repeat ?? 1
        let threads = max(1, command.threads ?? 1)
        let results = (0..<threads).map { _ in Calls() }
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let calls = results[thread]
            for number in stride(from: thread, to: count, by: threads) {
                var payload = event.payload ?? [:]
                if count > 1, case .object(var members) = payload {
                    members["n"] = .init(number)
                    payload = .object(members)
                }
                let start = ContinuousClock.now
                let id = client.track(
                    userID: event.userId ?? "", eventType: event.eventType ?? "", payload: payload, occurredAt: occurredAt,
                    eventID: event.eventId)
                calls.longest = max(calls.longest, ContinuousClock.now - start)
                calls.ids.append(.string(id))
            }
        }
        let longest = results.map(\.longest).max() ?? .zero
        return ["ids": .array(results.flatMap(\.ids)), "max_call_us": .init(Int(longest / .microseconds(1)))]
    }

    /// What one thread of ``track(_:)`` did. No other thread uses it meanwhile.
    private final class Calls: @unchecked Sendable {
        var ids: [JSONValue] = []
        var longest = Duration.zero
    }

    private func mutate(_ command: Command) throws -> [String: JSONValue] {
        guard let event = command.event, case .object(let members)? = event.payload else { throw Failure(text: "no event") }
        let payload = MutablePayload(members)
        let id = try client(command).track(userID: event.userId ?? "", eventType: event.eventType ?? "", payload: payload)
        for (name, value) in command.mutation ?? [:] { payload.members[name] = value }
        return ["ids": [.string(id)]]
    }

    private static func date(_ text: String) throws -> Date {
        let formatter = ISO8601DateFormatter()
        for options in [ISO8601DateFormatter.Options.withInternetDateTime, [.withInternetDateTime, .withFractionalSeconds]] {
            formatter.formatOptions = options
            if let date = formatter.date(from: text) { return date }
        }
        throw Failure(text: "occurredAt is no date")
    }

    private func describe(_ stats: SegOpsStats) -> JSONValue {
        let drops = stats.drops.map { ($0.key.rawValue, JSONValue($0.value)) }
        return [
            "tracked": .init(stats.tracked), "accepted": .init(stats.accepted), "rejected": .init(stats.rejected),
            "dropped": .init(stats.dropped), "queued": .init(stats.queued), "in_flight": .init(stats.inFlight),
            "drops": .object(Dictionary(uniqueKeysWithValues: drops)),
        ]
    }
}
