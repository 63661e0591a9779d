import Foundation

/// Makes UUIDs of version 7 (RFC 9562) that grow in the order in which they were made.
final class EventIDGenerator: Sendable {
    private struct State {
        var millisecond: Int64 = 0
        var counter: UInt64 = 0
    }

    private let state = Locked(State())

    /// A UUID in lower case.
    func next(unixMilliseconds: Int64) -> String {
        var random = SystemRandomNumberGenerator()
        let tail: UInt64 = random.next()
        let (millisecond, counter) = state.withLock { state in
            if unixMilliseconds > state.millisecond {
                state.millisecond = unixMilliseconds
                // Half of the 12 bits stay free to count on within the millisecond.
                state.counter = random.next(upperBound: UInt64(0x800))
            } else {
                state.counter += 1
                if state.counter > 0xfff {
                    state.millisecond += 1
                    state.counter = 0
                }
            }
            return (UInt64(state.millisecond), state.counter)
        }
        let high = millisecond << 16 | 0x7000 | counter
        let low = tail & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        return Self.format(high, low)
    }

    /// True for a UUID of any version but the nil UUID: what the server takes.
    static func isValid(_ id: String) -> Bool {
        guard let uuid = UUID(uuidString: id) else { return false }
        return uuid != UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    }

    private static func format(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for (half, hyphens) in [(high, [8, 13]), (low, [18, 23])] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    if hyphens.contains(position) || (position == 18 && shift == 60) {
                        buffer[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    buffer[position] = hexDigits[Int(half >> UInt64(shift) & 15)]
                    position += 1
                }
            }
            return position
        }
    }
}
