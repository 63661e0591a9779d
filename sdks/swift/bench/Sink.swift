import Foundation

#if canImport(zlib)
    import zlib
#else
    import CZlib
#endif

/// A server on a free port of this machine that accepts every event.
final class Sink: Sendable {
    struct Unavailable: Error {}

    let url: String

    init() throws {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let listener = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, address, &size) == 0
            }
        }
        guard isListening else { throw Unavailable() }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { Self.serve(connection) }
            }
        }
    }

    private static func serve(_ connection: Int32) {
        defer { close(connection) }
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            while let (head, body) = nextRequest(&received) {
                let isCompressed = head.range(of: "Content-Encoding: gzip", options: .caseInsensitive) != nil
                let count = countEvents(isCompressed ? gunzip(body) : body)
                let answer = #"{"accepted":\#(count),"rejected":0,"errors":[],"warnings":[]}"#
                let bytes = Array("HTTP/1.1 202 Accepted\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)".utf8)
                guard send(connection, bytes, bytes.count, 0) == bytes.count else { return }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received.append(contentsOf: buffer[..<count])
        }
    }

    private static func nextRequest(_ received: inout Data) -> (head: String, body: Data)? {
        guard let end = received.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
        let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        guard received.endIndex - end.upperBound >= length else { return nil }
        defer { received = Data(received[(end.upperBound + length)...]) }
        return (head, Data(received[end.upperBound..<(end.upperBound + length)]))
    }

    private static func countEvents(_ body: Data) -> Int {
        let name = Data(#""event_id":"#.utf8)
        var count = 0
        var rest = body[...]
        while let found = rest.range(of: name) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }

    private static func gunzip(_ data: Data) -> Data {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return Data() }
        defer { inflateEnd(&stream) }
        var input = [UInt8](data)
        var output = [UInt8](repeating: 0, count: 1 << 20)
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                _ = inflate(&stream, Z_FINISH)
            }
        }
        return Data(output.prefix(Int(stream.total_out)))
    }
}
