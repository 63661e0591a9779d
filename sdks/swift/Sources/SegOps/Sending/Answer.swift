import Foundation

/// What an answer means for the events of its request.
enum Answer {
    struct Rejection: Sendable {
        let field: String?
        let code: String?
        let message: String?
    }

    struct Note: Sendable {
        let index: Int?
        let field: String?
        let code: String?
        let message: String
    }

    /// The server decided: events in `rejections`, by their place, are refused. The others are accepted.
    case decided(rejections: [Int: Rejection], warnings: [Note])
    /// No event was valid. Events without an entry in `rejections` stay in the queue.
    case invalid(rejections: [Int: Rejection])
    /// A part of the events may pass.
    case refused(isTooLarge: Bool)
    /// The same request may pass later.
    case transient
    /// As ``transient``, but a body that ends early every time is refused in the end.
    case badRequest
    case quotaExceeded(remaining: Int)
    case configuration
    /// The server does not read compressed bodies.
    case unsupportedEncoding
}

/// An answer of the server together with what its headers ask for.
struct Verdict {
    let answer: Answer
    let status: Int
    let code: String?
    let message: String?
    /// The least time to wait before any further request.
    let pause: Int64?
}

extension Verdict {
    init(_ response: SegOpsResponse, batchCount: Int, isCompressed: Bool, now: Int64) {
        let body = try? JSONDecoder().decode(Body.self, from: response.body)
        status = response.status
        code = body?.code
        message = body?.detail ?? body?.title
        answer = Self.answer(response.status, body, batchCount: batchCount, isCompressed: isCompressed)
        switch answer {
        case .decided: pause = RateLimit.exhaustedFor(response.headers["ratelimit"])
        // `Retry-After` of a used-up quota is the end of the month. A larger plan takes effect at once.
        case .quotaExceeded: pause = nil
        default: pause = Self.retryAfter(response.headers, now: now)
        }
    }

    private static func answer(_ status: Int, _ body: Body?, batchCount: Int, isCompressed: Bool) -> Answer {
        switch (status, body?.code) {
        case (202, _):
            guard let body, let accepted = body.accepted, let rejected = body.rejected, accepted >= 0, accepted + rejected == batchCount
            else {
                return .transient
            }
            let rejections = body.rejections(below: batchCount)
            return rejections.count == rejected ? .decided(rejections: rejections, warnings: body.notes) : .transient
        case (200..<300, _), (408, _), (500..., _): return .transient
        case (400, "validation_failed"?):
            let rejections = body?.rejections(below: batchCount) ?? [:]
            return rejections.isEmpty ? .refused(isTooLarge: false) : .invalid(rejections: rejections)
        case (400, "bad_request"?): return .badRequest
        case (413, _): return .refused(isTooLarge: true)
        case (415, _) where isCompressed: return .unsupportedEncoding
        case (429, "quota_exceeded"?): return .quotaExceeded(remaining: max(0, body?.remaining ?? 0))
        case (429, _): return .transient
        case (401, _), (403, _), (404, _), (405, _), (300..<400, _): return .configuration
        case (400..<500, _): return .refused(isTooLarge: false)
        default: return .transient
        }
    }

    /// Milliseconds of `Retry-After`: seconds, or a date of the server's clock.
    private static func retryAfter(_ headers: [String: String], now: Int64) -> Int64? {
        guard let value = headers["retry-after"]?.trimmingCharacters(in: .whitespaces) else { return nil }
        if let seconds = Int64(value) { return min(max(0, seconds), 1 << 40) * 1000 }
        guard let date = Timestamps.parseHTTPDate(value) else { return nil }
        // The device's clock may be wrong. The server's own date tells the difference.
        let reference = headers["date"].flatMap(Timestamps.parseHTTPDate) ?? now
        return max(0, date - reference)
    }

    private struct Body: Decodable {
        struct Entry: Decodable {
            let index: Int?
            let field: String?
            let code: String?
            let message: String?
        }

        let accepted: Int?
        let rejected: Int?
        let errors: [Entry]?
        let warnings: [Entry]?
        let code: String?
        let title: String?
        let detail: String?
        let remaining: Int?

        /// The first error of each event.
        func rejections(below count: Int) -> [Int: Answer.Rejection] {
            var rejections: [Int: Answer.Rejection] = [:]
            for entry in errors ?? [] {
                guard let index = entry.index, (0..<count).contains(index), rejections[index] == nil else { continue }
                rejections[index] = Answer.Rejection(field: entry.field, code: entry.code, message: entry.message)
            }
            return rejections
        }

        var notes: [Answer.Note] {
            (warnings ?? []).map { Answer.Note(index: $0.index, field: $0.field, code: $0.code, message: $0.message ?? $0.code ?? "") }
        }
    }
}

/// The header `RateLimit`: `"minute";r=59;t=60, "month";r=499000;t=551957`.
enum RateLimit {
    /// Milliseconds until the last of the windows that are used up has room.
    ///
    /// The windows `month` and `day` count events, and the answer `quota_exceeded` governs them.
    static func exhaustedFor(_ header: String?) -> Int64? {
        guard let header else { return nil }
        var longest: Int64?
        for window in header.split(separator: ",") {
            let parts = window.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let name = parts.first, name != "\"month\"", name != "\"day\"", parts.contains("r=0") else { continue }
            guard let seconds = parts.first(where: { $0.hasPrefix("t=") }).flatMap({ Int64($0.dropFirst(2)) }), seconds > 0 else {
                continue
            }
            longest = max(longest ?? 0, min(seconds, 1 << 40) * 1000)
        }
        return longest
    }
}
