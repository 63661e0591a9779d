import Foundation

/// A line of a segment: `{"crc":"1c291ca3","at":1767323045678,"event":{…}}` or `{"crc":"…","done":["id",…]}`.
///
/// The checksum covers the line behind its comma. A line that was cut off or damaged does not match it.
enum Record {
    /// `at` is the Unix time in milliseconds at which the event was tracked.
    case event(at: Int64, json: [UInt8])
    case done(ids: [String])

    private static let prefix = Array(#"{"crc":""#.utf8)
    private static let rest = prefix.count + 10

    func append(to bytes: inout [UInt8]) {
        var body: [UInt8] = []
        switch self {
        case .event(let at, let json):
            JSONWriter.append(#""at":\#(at),"event":"#, to: &body)
            body.append(contentsOf: json)
        case .done(let ids):
            JSONWriter.append(#""done":["#, to: &body)
            for (index, id) in ids.enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                JSONWriter.appendString(id, to: &body)
            }
            body.append(UInt8(ascii: "]"))
        }
        body.append(UInt8(ascii: "}"))
        bytes.append(contentsOf: Self.prefix)
        bytes.append(contentsOf: Self.hexadecimal(Gzip.checksum(body)))
        JSONWriter.append(#"","#, to: &bytes)
        bytes.append(contentsOf: body)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Nil for a damaged line.
    init?(line: ArraySlice<UInt8>) {
        let line = Array(line)
        guard line.count > Self.rest, line.starts(with: Self.prefix), line.last == UInt8(ascii: "}") else { return nil }
        let body = line[Self.rest...]
        guard line[Self.prefix.count..<Self.rest - 2].elementsEqual(Self.hexadecimal(Gzip.checksum(body))) else { return nil }

        let atPrefix = Array(#""at":"#.utf8)
        let eventPrefix = Array(#","event":"#.utf8)
        if body.starts(with: atPrefix), let comma = body.firstIndex(of: UInt8(ascii: ",")), body[comma...].starts(with: eventPrefix),
            let at = Int64(String(decoding: body[(body.startIndex + atPrefix.count)..<comma], as: UTF8.self))
        {
            self = .event(at: at, json: Array(body[(comma + eventPrefix.count)..<(body.endIndex - 1)]))
        } else if let done = try? JSONDecoder().decode([String: [String]].self, from: Data([UInt8(ascii: "{")] + body))["done"] {
            self = .done(ids: done)
        } else {
            return nil
        }
    }

    private static func hexadecimal(_ value: UInt32) -> [UInt8] {
        stride(from: UInt32(28), through: 0, by: -4).map { hexDigits[Int(value >> $0 & 15)] }
    }
}
