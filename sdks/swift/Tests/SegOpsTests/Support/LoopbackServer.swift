import Foundation

@testable import SegOps

/// An HTTP server on a free port of this machine. It reads whole requests and answers with the bytes that a test gives.
final class LoopbackServer: Sendable {
    let received = Monitor<[String]>([])
    let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (Int) -> String?

    /// `answer` makes the answer to the request with this number, from 0. Nil: the connection is closed, as it is after an answer that
    /// says `Connection: close`, be it behind a zero byte at which the answer ends.
    init(_ answer: @escaping @Sendable (Int) -> String?) throws {
        // A client that went away must not end the tests.
        signal(SIGPIPE, SIG_IGN)
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
        guard isListening else { throw FakeServer.Broken() }
        self.listener = listener
        self.answer = answer
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { self.accept() }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// The thread that accepts closes the socket: until it noticed, the number must not belong to another one.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        defer { close(listener) }
        while true {
            #if canImport(Glibc)
                let connection = Glibc.accept(listener, nil, nil)
            #else
                let connection = Darwin.accept(listener, nil, nil)
            #endif
            guard connection >= 0 else { return }
            Thread.detachNewThread { self.serve(connection) }
        }
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        while let request = read(connection) {
            let number = received.update { received in
                received.append(request)
                return received.count - 1
            }
            guard let answer = answer(number) else { return }
            let bytes = Array(answer.utf8.prefix { $0 != 0 })
            guard send(connection, bytes, bytes.count, 0) == bytes.count, !answer.contains("Connection: close") else {
                return
            }
        }
    }

    private func read(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let length = text.lowercased().components(separatedBy: "content-length: ").dropFirst().first
                .flatMap { Int($0.prefix { $0.isNumber }) }
            if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
        }
    }
}
