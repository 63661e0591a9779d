/// One attempt to send, of which the first end counts: the answer, the time limit or the client's abort.
/// A transport that ignores its cancellation cannot hold up the client.
final class Exchange: Sendable {
    enum End {
        case answered(SegOpsResponse)
        case failed(any Error)
        case timedOut
        case aborted
    }

    private enum State {
        case running(CheckedContinuation<End, Never>?)
        case ended(End)
    }

    private let state = Locked(State.running(nil))

    func abort() {
        end(.aborted)
    }

    func run(_ request: SegOpsRequest, transport: any SegOpsTransport, time: any TimeSource) async -> End {
        let sending = Task {
            do {
                end(.answered(try await transport.send(request)))
            } catch {
                end(.failed(error))
            }
        }
        let limit = time.uptimeMilliseconds + request.timeout.milliseconds
        let timer = Task {
            await time.sleep(until: limit)
            if !Task.isCancelled { end(.timedOut) }
        }
        let result = await withCheckedContinuation { continuation in
            let early = state.withLock { state -> End? in
                if case .ended(let end) = state { return end }
                state = .running(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }
        sending.cancel()
        timer.cancel()
        return result
    }

    private func end(_ end: End) {
        let continuation = state.withLock { state -> CheckedContinuation<End, Never>? in
            guard case .running(let continuation) = state else { return nil }
            state = .ended(end)
            return continuation
        }
        continuation?.resume(returning: end)
    }
}
