import Foundation

/// The body of a request.
enum Batch {
    /// Bytes around the events: `{"sent_at":"…","events":[` and `]}`.
    static let overheadBytes = 52
    static let maxEvents = 500
    /// Smaller bodies gain nothing from compression.
    static let minCompressedBytes = 1024

    static func body(_ events: [Event], sentAt: Int64) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(events.reduce(overheadBytes) { $0 + $1.json.count + 1 })
        JSONWriter.append(#"{"sent_at":""#, to: &body)
        Timestamps.append(unixMilliseconds: sentAt, to: &body)
        JSONWriter.append(#"","events":["#, to: &body)
        for (index, event) in events.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: event.json)
        }
        JSONWriter.append("]}", to: &body)
        return body
    }
}
