import Foundation

/// Checks an event by the rules of the API and writes its JSON.
struct EventEncoder: Sendable {
    static let maxPayloadBytes = 32_768
    static let maxPayloadLevels = 10

    /// Why an event cannot be sent.
    struct Fault: Error {
        let reason: SegOpsDropReason
        let field: String
        let code: String
        let message: String

        init(_ field: String, _ code: String, _ message: String, reason: SegOpsDropReason = .invalid) {
            (self.reason, self.field, self.code, self.message) = (reason, field, code, message)
        }
    }

    private let payloadEncoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }()

    func encode(id: String, userID: String, type: String, occurredAt: Int64, now: Int64, payload: Payload) throws(Fault) -> [UInt8] {
        try check(userID: userID, type: type, occurredAt: occurredAt, now: now)
        var json: [UInt8] = []
        json.reserveCapacity(512)
        JSONWriter.append(#"{"event_id":"#, to: &json)
        JSONWriter.appendString(id, to: &json)
        JSONWriter.append(#","user_id":"#, to: &json)
        JSONWriter.appendString(userID, to: &json)
        JSONWriter.append(#","event_type":"#, to: &json)
        JSONWriter.appendString(type, to: &json)
        JSONWriter.append(#","occurred_at":""#, to: &json)
        Timestamps.append(unixMilliseconds: occurredAt, to: &json)
        JSONWriter.append(#"","payload":"#, to: &json)
        try append(payload, to: &json)
        json.append(UInt8(ascii: "}"))
        return json
    }

    /// The id that a caller gave.
    static func check(id: String) throws(Fault) {
        guard EventIDGenerator.isValid(id) else {
            throw Fault("event_id", "invalid_event_id", "event_id must be a UUID and not the nil UUID.")
        }
    }

    /// True for words of `a-z0-9` that are joined by single underscores and begin with a letter.
    static func isSnakeCase(_ type: String) -> Bool {
        var previous: UInt8?
        for byte in type.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where previous != nil: break
            case UInt8(ascii: "_") where previous != nil && previous != UInt8(ascii: "_"): break
            default: return false
            }
            previous = byte
        }
        return previous != nil && previous != UInt8(ascii: "_")
    }

    private func check(userID: String, type: String, occurredAt: Int64, now: Int64) throws(Fault) {
        guard !userID.isEmpty else { throw Fault("user_id", "empty", "user_id must not be empty.") }
        // A string of n bytes has at most n scalars, so most strings need no count.
        guard userID.utf8.count <= 256 || userID.unicodeScalars.count <= 256 else {
            throw Fault("user_id", "too_long", "user_id must have at most 256 characters.")
        }
        guard !type.isEmpty else { throw Fault("event_type", "empty", "event_type must not be empty.") }
        guard type.utf8.count <= 128 || type.unicodeScalars.count <= 128 else {
            throw Fault("event_type", "too_long", "event_type must have at most 128 characters.")
        }
        guard !type.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) else {
            throw Fault("event_type", "invalid_characters", "event_type must have no control characters.")
        }
        guard occurredAt <= now + 86_400_000 else {
            throw Fault("occurred_at", "timestamp_in_future", "occurred_at must be at most 24 hours in the future.")
        }
        guard occurredAt >= 946_684_800_000 else {
            throw Fault("occurred_at", "timestamp_too_old", "occurred_at must not be before 2000-01-01.")
        }
    }

    private func append(_ payload: Payload, to json: inout [UInt8]) throws(Fault) {
        let start = json.count
        do {
            switch payload {
            case .value(let value): try JSONWriter.append(value, levels: Self.maxPayloadLevels, to: &json)
            case .encodable(let value): json.append(contentsOf: try payloadEncoder.encode(value))
            }
        } catch is JSONWriter.TooDeep {
            throw Self.tooDeep
        } catch {
            throw Fault("payload", "not_encodable", "payload could not be encoded as JSON.")
        }
        guard json[start] == UInt8(ascii: "{") else { throw Fault("payload", "wrong_type", "payload must be a JSON object.") }
        guard json.count - start <= Self.maxPayloadBytes else {
            throw Fault(
                "payload", "payload_too_large", "payload has \(json.count - start) bytes, and at most \(Self.maxPayloadBytes) are allowed.",
                reason: .tooLarge)
        }
        if case .encodable = payload, Self.levels(json[start...]) > Self.maxPayloadLevels { throw Self.tooDeep }
    }

    private static let tooDeep = Fault("payload", "payload_too_deep", "payload must have at most \(maxPayloadLevels) levels.")

    /// Levels of objects and arrays in valid JSON.
    private static func levels(_ json: ArraySlice<UInt8>) -> Int {
        var (depth, deepest, isString, isEscaped) = (0, 0, false, false)
        for byte in json {
            if isEscaped {
                isEscaped = false
            } else if isString {
                isEscaped = byte == UInt8(ascii: "\\")
                isString = byte != UInt8(ascii: "\"")
            } else if byte == UInt8(ascii: "\"") {
                isString = true
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
                deepest = max(deepest, depth)
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                depth -= 1
            }
        }
        return deepest
    }
}

/// What a caller gave as payload.
enum Payload {
    case value(JSONValue)
    case encodable(any Encodable)
}
