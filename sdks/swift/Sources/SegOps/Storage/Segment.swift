import Foundation

/// A file of records that only grows, until it is removed as a whole.
final class Segment {
    /// 256 KiB, less room for the ids of events that are decided while others of the segment are not.
    static let maxEventBytes = 200 * 1024

    let url: URL
    /// Events in the file that are not decided.
    var pending: Int
    /// Bytes of the file that are known to be whole lines.
    private(set) var bytes: Int
    private var handle: FileHandle?

    /// A file that an earlier process wrote.
    init(existing url: URL, pending: Int, bytes: Int) {
        self.url = url
        self.pending = pending
        self.bytes = bytes
    }

    init(creating url: URL) throws {
        self.url = url
        pending = 0
        bytes = 0
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func append(_ lines: [UInt8]) throws {
        let handle = try handle ?? FileHandle(forWritingTo: url)
        // Behind the last whole line can be half of one: of a full disk, or of a process that was killed.
        try handle.truncate(atOffset: UInt64(bytes))
        try handle.seek(toOffset: UInt64(bytes))
        try handle.write(contentsOf: Data(lines))
        bytes += lines.count
    }

    /// No further events follow.
    func seal() {
        handle = nil
    }

    func remove() {
        handle = nil
        try? FileManager.default.removeItem(at: url)
    }

    /// The undecided events of a file, with the times at which they were tracked, the number of damaged lines, and the bytes up to the
    /// end of the last whole line.
    static func read(_ url: URL) throws -> (events: [(at: Int64, json: [UInt8])], damaged: Int, bytes: Int) {
        let bytes = [UInt8](try Data(contentsOf: url))
        var events: [(at: Int64, json: [UInt8])] = []
        var done: Set<String> = []
        var damaged = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            switch Record(line: line) {
            case .event(let at, let json)?: events.append((at, json))
            case .done(let ids)?: done.formUnion(ids)
            case nil: damaged += 1
            }
        }
        if !done.isEmpty {
            events.removeAll { Event.Identity(json: $0.json).map { done.contains($0.id) } ?? true }
        }
        return (events, damaged, (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
    }
}

extension Event {
    /// What the client needs to know of an event on disk.
    struct Identity: Decodable {
        let id: String
        let type: String

        private enum CodingKeys: String, CodingKey {
            case id = "event_id"
            case type = "event_type"
        }

        init?(json: [UInt8]) {
            guard let identity = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
            self = identity
        }
    }
}
