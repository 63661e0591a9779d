import Foundation

/// Sends requests for a client. Implement it to send through a stack of your own, or in tests.
///
/// Anything that `send` throws counts as a broken connection, so the events are sent again. A transport must not follow redirects.
/// It should stop when its task is cancelled: the client cancels after ``SegOpsOptions/requestTimeout`` and at the end of a shutdown.
public protocol SegOpsTransport: Sendable {
    func send(_ request: SegOpsRequest) async throws -> SegOpsResponse
}

/// A `POST` request.
public struct SegOpsRequest: Sendable {
    public let url: URL
    public let headers: [String: String]
    public let body: Data
    public let timeout: Duration
}

/// The answer to a ``SegOpsRequest``.
public struct SegOpsResponse: Sendable {
    public let status: Int
    /// Names are in lower case.
    public let headers: [String: String]
    public let body: Data

    public init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
        self.status = status
        self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        self.body = body
    }
}
