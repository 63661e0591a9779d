import Foundation

/// A folder that one client holds by a lock. The lock ends with the process, and then another client adopts what is in the folder.
struct Slot {
    struct Unavailable: Error {}

    let folder: URL
    private let lock: Int32

    /// Holds a slot below `base`: one that no process holds any more, or a new one. Segments of all other abandoned slots are moved into it.
    static func acquire(below base: URL) throws -> Slot {
        let files = FileManager.default
        try files.createDirectory(at: base, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        excludeFromBackup(base)
        let names = try files.contentsOfDirectory(atPath: base.path).sorted()
        var abandoned = names.compactMap { hold(base.appendingPathComponent($0, isDirectory: true)) }
        let own = abandoned.isEmpty ? try create(below: base) : abandoned.removeFirst()
        for slot in abandoned {
            try own.adopt(slot)
        }
        return own
    }

    /// Segment files, the oldest first.
    func segments() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".jsonl") }.sorted()
            .map { folder.appendingPathComponent($0) }
    }

    func segment(_ number: Int) -> URL {
        folder.appendingPathComponent(String(format: "%012d.jsonl", number))
    }

    static func number(of segment: URL) -> Int? {
        Int(segment.deletingPathExtension().lastPathComponent)
    }

    /// Lets other clients have the slot. An empty one is removed.
    func release() {
        if let segments = try? segments(), segments.isEmpty {
            try? FileManager.default.removeItem(at: folder)
        }
        close(lock)
    }

    private func adopt(_ other: Slot) throws {
        var next = (try segments().last.flatMap(Self.number) ?? 0) + 1
        for segment in try other.segments() {
            // A rename is whole or not at all, so each event is in exactly one slot whenever the process ends.
            try FileManager.default.moveItem(at: segment, to: self.segment(next))
            next += 1
        }
        other.release()
    }

    private static func create(below base: URL) throws -> Slot {
        // Another client can take a new folder for an abandoned one before its lock is held.
        for _ in 0..<10 {
            let folder = base.appendingPathComponent(UUID().uuidString, isDirectory: true)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            if let slot = hold(folder, creating: true) { return slot }
        }
        throw Unavailable()
    }

    /// Nil if another client holds the folder, or it is no slot.
    private static func hold(_ folder: URL, creating: Bool = false) -> Slot? {
        let path = folder.appendingPathComponent("lock").path
        let descriptor = open(path, O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else { return nil }
        var held = stat()
        var present = stat()
        // The holder may have removed the file between the two calls: then the lock locks nothing.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &held) == 0, stat(path, &present) == 0,
            held.st_ino == present.st_ino
        else {
            close(descriptor)
            return nil
        }
        return Slot(folder: folder, lock: descriptor)
    }

    private static func excludeFromBackup(_ folder: URL) {
        #if canImport(Darwin)
            var folder = folder
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try? folder.setResourceValues(values)
        #endif
    }
}
