import XCTest

@testable import SegOps

/// A value whose changes tests can wait for.
final class Monitor<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var waiters: [(id: UUID, isMet: @Sendable (Value) -> Bool, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Locked<State>

    init(_ value: Value) {
        state = Locked(State(value: value))
    }

    var value: Value { state.withLock { $0.value } }

    func update<Result>(_ body: (inout Value) -> Result) -> Result {
        let (result, met) = state.withLock { state in
            let result = body(&state.value)
            let met = state.waiters.filter { $0.isMet(state.value) }
            state.waiters.removeAll { waiter in met.contains { $0.id == waiter.id } }
            return (result, met)
        }
        for waiter in met { waiter.continuation.resume(returning: true) }
        return result
    }

    /// Waits until `isMet` holds. The time limit is there only so that a failure ends.
    @discardableResult
    func wait(
        _ what: String, file: StaticString = #filePath, line: UInt = #line, until isMet: @escaping @Sendable (Value) -> Bool
    ) async -> Bool {
        let id = UUID()
        let limit = Task {
            try await Task.sleep(for: .seconds(30))
            let waiter = state.withLock { state in
                defer { state.waiters.removeAll { $0.id == id } }
                return state.waiters.first { $0.id == id }
            }
            waiter?.continuation.resume(returning: false)
        }
        let isDone = await withCheckedContinuation { continuation in
            let isMetNow = state.withLock { state in
                if isMet(state.value) { return true }
                state.waiters.append((id, isMet, continuation))
                return false
            }
            if isMetNow { continuation.resume(returning: true) }
        }
        limit.cancel()
        if !isDone { XCTFail("waited in vain for \(what)", file: file, line: line) }
        return isDone
    }
}
