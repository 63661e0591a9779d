/// Events in the order in which they are sent. Removal at the front takes no time in the length of the list.
struct EventList {
    private var storage: [Event?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var first: Event? { count > 0 ? storage[head] : nil }

    subscript(index: Int) -> Event { storage[head + index]! }

    mutating func append(_ event: Event) {
        storage.append(event)
    }

    mutating func prepend(_ events: [Event]) {
        storage.replaceSubrange(0..<head, with: events)
        head = 0
    }

    func filter(_ isIncluded: (Event) -> Bool) -> [Event] {
        storage[head...].compactMap { $0.flatMap { isIncluded($0) ? $0 : nil } }
    }

    mutating func remove(_ sequences: [UInt64]) {
        if sequences.count <= count, zip(sequences, storage[head...]).allSatisfy({ $0 == $1?.sequence }) {
            // The usual case: all of the front. The slots are emptied at once, so that the bytes are freed.
            for index in head..<head + sequences.count { storage[index] = nil }
            head += sequences.count
            if head > storage.count / 2 {
                storage.removeSubrange(0..<head)
                head = 0
            }
        } else {
            let removed = Set(sequences)
            storage.removeSubrange(0..<head)
            head = 0
            storage.removeAll { removed.contains($0!.sequence) }
        }
    }
}
