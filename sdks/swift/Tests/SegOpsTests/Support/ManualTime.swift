import Foundation

@testable import SegOps

/// A clock that moves only when a test moves it.
final class ManualTime: TimeSource {
    private struct Sleeper {
        let id: UUID
        let duration: Int64
        let deadline: Int64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var uptime: Int64 = 1_000_000
        var sleepers: [Sleeper] = []
        var cancelled: Set<UUID> = []
    }

    private static let start: Int64 = 1_767_323_045_678
    private let state = Monitor(State())

    var unixMilliseconds: Int64 { Self.start + uptimeMilliseconds }
    var uptimeMilliseconds: Int64 { state.value.uptime }

    func sleep(until deadline: Int64) async {
        let id = UUID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.update { state in
                    if state.cancelled.remove(id) != nil || deadline <= state.uptime { return true }
                    state.sleepers.append(
                        Sleeper(id: id, duration: deadline - state.uptime, deadline: deadline, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.update { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume()
        }
    }

    /// Waits until somebody sleeps for a time in `range`, and lets it pass.
    func elapse(_ range: ClosedRange<Int64>, file: StaticString = #filePath, line: UInt = #line) async {
        // A sleep that was seen can be cancelled and begin anew, with the same end, before its time is let pass.
        while await sleeping(range, file: file, line: line) {
            let due = state.update { state -> [Sleeper] in
                guard let sleeper = state.sleepers.first(where: { range.contains($0.duration) }) else { return [] }
                return Self.advance(&state, to: sleeper.deadline)
            }
            for sleeper in due { sleeper.continuation.resume() }
            if !due.isEmpty { return }
        }
    }

    /// Waits until a task sleeps for a time in `range`. Returns false if none does.
    @discardableResult
    func sleeping(_ range: ClosedRange<Int64>, file: StaticString = #filePath, line: UInt = #line) async -> Bool {
        await state.wait("a sleep of \(range) ms", file: file, line: line) { $0.sleepers.contains { range.contains($0.duration) } }
    }

    func advance(_ milliseconds: Int64) {
        let due = state.update { Self.advance(&$0, to: $0.uptime + milliseconds) }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Returns those whose sleep is over.
    private static func advance(_ state: inout State, to uptime: Int64) -> [Sleeper] {
        state.uptime = uptime
        let due = state.sleepers.filter { $0.deadline <= uptime }
        state.sleepers.removeAll { $0.deadline <= uptime }
        return due
    }
}
