/// Appends compact JSON in UTF-8. `JSONEncoder` takes several times as long for a ``JSONValue``.
enum JSONWriter {
    struct NotRepresentable: Error {}
    struct TooDeep: Error {}

    /// - Parameter levels: how many levels of objects and arrays `value` may have.
    static func append(_ value: JSONValue, levels: Int, to bytes: inout [UInt8]) throws {
        switch value {
        case .null: append("null", to: &bytes)
        case .bool(let value): append(value ? "true" : "false", to: &bytes)
        case .integer(let value): append(value.description, to: &bytes)
        case .number(let value):
            guard value.isFinite else { throw NotRepresentable() }
            append(value.description, to: &bytes)
        case .string(let value): appendString(value, to: &bytes)
        case .array(let elements):
            guard levels > 0 else { throw TooDeep() }
            var separator = UInt8(ascii: "[")
            for element in elements {
                bytes.append(separator)
                separator = UInt8(ascii: ",")
                try append(element, levels: levels - 1, to: &bytes)
            }
            if elements.isEmpty { bytes.append(separator) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            guard levels > 0 else { throw TooDeep() }
            var separator = UInt8(ascii: "{")
            for (name, member) in members {
                bytes.append(separator)
                separator = UInt8(ascii: ",")
                appendString(name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                try append(member, levels: levels - 1, to: &bytes)
            }
            if members.isEmpty { bytes.append(separator) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    static func appendString(_ string: String, to bytes: inout [UInt8]) {
        var string = string
        bytes.append(UInt8(ascii: "\""))
        string.withUTF8 { utf8 in
            if utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                bytes.append(contentsOf: utf8)
            } else {
                utf8.forEach { appendEscaped($0, to: &bytes) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: text.utf8)
    }

    private static func appendEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"", to: &bytes)
        case UInt8(ascii: "\\"): append("\\\\", to: &bytes)
        case UInt8(ascii: "\n"): append("\\n", to: &bytes)
        case UInt8(ascii: "\r"): append("\\r", to: &bytes)
        case UInt8(ascii: "\t"): append("\\t", to: &bytes)
        case 0..<0x20:
            append("\\u00", to: &bytes)
            bytes.append(hexDigits[Int(byte >> 4)])
            bytes.append(hexDigits[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
}

let hexDigits = Array("0123456789abcdef".utf8)
