import Foundation
import XCTest

@testable import SegOps

#if canImport(zlib)
    import zlib
#else
    import CZlib
#endif

/// A transport that answers as tests say. Without an answer prepared it accepts every event.
final class FakeServer: SegOpsTransport {
    struct Received: Sendable {
        let request: SegOpsRequest
        let body: Data
        let events: [[String: JSONValue]]

        var ids: [String] { events.map { $0["event_id"]!.string! } }
        var types: [String] { events.map { $0["event_type"]!.string! } }
    }

    enum Answer: Sendable {
        case response(SegOpsResponse)
        case error(any Error)
        /// No answer until the request is cancelled.
        case hang
        case decide(@Sendable (Received) -> SegOpsResponse)
    }

    struct Broken: Error {}

    let received = Monitor<[Received]>([])
    private let answers = Locked<[Answer]>([])
    private let standard: Answer

    init(_ answers: [Answer] = [], otherwise standard: Answer = .decide { .accepted($0.events.count) }) {
        self.answers.withLock { $0 = answers }
        self.standard = standard
    }

    var batches: [[String]] { received.value.map(\.types) }

    func send(_ request: SegOpsRequest) async throws -> SegOpsResponse {
        let body = request.headers["Content-Encoding"] == "gzip" ? try gunzip(request.body) : request.body
        let events = try JSONDecoder().decode(Body.self, from: body).events
        let current = Received(request: request, body: body, events: events)
        received.update { $0.append(current) }
        let answer = answers.withLock { $0.isEmpty ? standard : $0.removeFirst() }
        switch answer {
        case .response(let response): return response
        case .error(let error): throw error
        case .hang:
            let cancelled = Signal()
            await withTaskCancellationHandler {
                await cancelled.wait(until: nil, time: SystemTime())
            } onCancel: {
                cancelled.wake()
            }
            throw CancellationError()
        case .decide(let decide): return decide(current)
        }
    }

    /// Waits for the request with this number, from 1.
    func request(_ number: Int, file: StaticString = #filePath, line: UInt = #line) async -> Received {
        await received.wait("request \(number)", file: file, line: line) { $0.count >= number }
        return received.value[number - 1]
    }

    private struct Body: Decodable {
        let events: [[String: JSONValue]]
        let sent_at: String
    }
}

extension SegOpsResponse {
    static func accepted(_ count: Int, headers: [String: String] = [:]) -> SegOpsResponse {
        .json(202, #"{"accepted":\#(count),"rejected":0,"errors":[],"warnings":[]}"#, headers)
    }

    static func problem(_ status: Int, _ code: String, _ headers: [String: String] = [:]) -> SegOpsResponse {
        .json(status, #"{"status":\#(status),"code":"\#(code)","title":"refused"}"#, headers)
    }

    static func json(_ status: Int, _ text: String, _ headers: [String: String] = [:]) -> SegOpsResponse {
        SegOpsResponse(status: status, headers: headers, body: Data(text.utf8))
    }
}

extension JSONValue {
    var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }
}

func gunzip(_ data: Data) throws -> Data {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { throw FakeServer.Broken() }
    defer { inflateEnd(&stream) }
    var input = [UInt8](data)
    var output = [UInt8](repeating: 0, count: 16 * 1024 * 1024)
    let status = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = uInt(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = uInt(output.count)
            return inflate(&stream, Z_FINISH)
        }
    }
    guard status == Z_STREAM_END else { throw FakeServer.Broken() }
    return Data(output.prefix(Int(stream.total_out)))
}
