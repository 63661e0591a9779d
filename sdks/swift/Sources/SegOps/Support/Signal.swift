/// Wakes one waiting task. A wake without a waiting task is remembered once.
final class Signal: Sendable {
    private enum State {
        case idle
        case woken
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Locked(State.idle)

    func wake() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .waiting(let continuation) = state else {
                state = .woken
                return nil
            }
            state = .idle
            return continuation
        }
        waiter?.resume()
    }

    /// Waits for ``wake()``, at most until `deadline` (nil: without limit). May return early.
    func wait(until deadline: Int64?, time: any TimeSource) async {
        let timer = deadline.map { deadline in
            Task {
                await time.sleep(until: deadline)
                if !Task.isCancelled { wake() }
            }
        }
        await withCheckedContinuation { continuation in
            let isWoken = state.withLock { state -> Bool in
                if case .woken = state {
                    state = .idle
                    return true
                }
                state = .waiting(continuation)
                return false
            }
            if isWoken { continuation.resume() }
        }
        timer?.cancel()
    }
}
