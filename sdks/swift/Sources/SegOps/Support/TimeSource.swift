import Foundation

/// The clocks of a client. Tests replace them.
protocol TimeSource: Sendable {
    /// Milliseconds since 1970 in UTC. Can jump when the user sets the clock.
    var unixMilliseconds: Int64 { get }
    /// Milliseconds that only grow, also while the device sleeps.
    var uptimeMilliseconds: Int64 { get }
    /// Returns when ``uptimeMilliseconds`` is `deadline` or later, or at once when the task is cancelled.
    func sleep(until deadline: Int64) async
}

struct SystemTime: TimeSource {
    private let origin = ContinuousClock.now

    var unixMilliseconds: Int64 { Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)) }

    var uptimeMilliseconds: Int64 { (ContinuousClock.now - origin).milliseconds }

    func sleep(until deadline: Int64) async {
        // A pause can be as long as a month. Days at a time stay far below what any timer takes.
        while deadline > uptimeMilliseconds, !Task.isCancelled {
            let step = min(deadline - uptimeMilliseconds, 86_400_000)
            try? await Task.sleep(for: .milliseconds(step), clock: .continuous)
        }
    }
}

extension Duration {
    /// Whole milliseconds. Durations beyond about a million years are cut, so that sums stay within 64 bits.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let bound: Int64 = 1 << 45
        return min(max(seconds, -bound), bound) * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
