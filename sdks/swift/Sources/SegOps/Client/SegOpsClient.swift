import Foundation

/// Sends events to SegOps in batches, in the background.
///
/// ```swift
/// let segops = try SegOpsClient(apiURL: "https://api.segops.ai", apiKey: "pk_live_...")
/// segops.track(userID: "user-123", eventType: "order_placed", payload: ["total": 89.95, "currency": "USD"])
/// ```
///
/// Make one client for the whole app. All methods may be called from every thread and task. Nothing that the network or the server
/// does makes them fail: an event that will not be delivered is reported to ``SegOpsOptions/onDrop``.
public final class SegOpsClient: Sendable {
    public static let sdkName = "segops-swift"
    public static let sdkVersion = "0.1.0"

    private let options: SegOpsOptions
    private let time: any TimeSource
    private let encoder = EventEncoder()
    private let ids = EventIDGenerator()
    private let queue: EventQueue
    private let notifier: Notifier
    private let journal: Journal?
    private let signal = Signal()
    private let sender: Sender
    private let sending: Task<Void, Never>?
    private let ending = Locked<Task<SegOpsFlushResult, Never>?>(nil)
    private let unusualTypes = Locked<Set<String>>([])
    #if canImport(UIKit) && !os(watchOS)
        private let backgroundObserver = Locked<(any NSObjectProtocol)?>(nil)
    #endif

    /// - Parameters:
    ///   - apiURL: where SegOps is, such as `https://api.segops.ai`. Plain `http` only for this machine, or with
    ///     ``SegOpsOptions/allowsInsecureHTTP``.
    ///   - apiKey: a publishable key (`pk_live_...`) in an app; a secret key only on a server.
    /// - Throws: ``SegOpsConfigurationError``, which names every wrong option.
    public convenience init(apiURL: String, apiKey: String, options: SegOpsOptions = SegOpsOptions()) throws {
        try self.init(apiURL: apiURL, apiKey: apiKey, options: options, time: SystemTime())
    }

    init(apiURL: String, apiKey: String, options: SegOpsOptions, time: any TimeSource) throws {
        let problems = options.problems(apiURL: apiURL, apiKey: apiKey)
        guard problems.isEmpty, let url = URL(string: apiURL) else { throw SegOpsConfigurationError(problems: problems) }
        self.options = options
        self.time = time
        queue = EventQueue(options: options)
        notifier = Notifier(options: options, time: time)
        if options.isEnabled, case .directory(let folder) = options.persistence {
            let journal = Journal(base: folder, notifier: notifier, time: time)
            journal.open { [queue] in queue.restore($0) }
            self.journal = journal
        } else {
            journal = nil
        }
        let sender = Sender(
            queue: queue, journal: journal, notifier: notifier, options: options, time: time,
            transport: options.transport ?? SegOpsOptions.platformTransport(),
            requests: RequestBuilder(apiURL: url, apiKey: apiKey, timeout: options.requestTimeout), signal: signal)
        self.sender = sender
        sending = options.isEnabled ? Task.detached { await sender.run() } : nil
        #if canImport(UIKit) && !os(watchOS)
            if options.isEnabled { backgroundObserver.withLock { $0 = observeBackground() } }
        #endif
    }

    deinit {
        #if canImport(UIKit) && !os(watchOS)
            backgroundObserver.withLock { $0.map(NotificationCenter.default.removeObserver) }
        #endif
        // What was tracked is still delivered, and then the sender ends.
        queue.close()
        Task.detached { [sender] in await sender.close(milliseconds: nil) }
    }

    // MARK: Events

    /// Queues an event. Returns at once: no network, no disk.
    ///
    /// - Parameters:
    ///   - userID: your id of the user; 1 to 256 characters.
    ///   - eventType: what happened, in snake_case, such as `order_placed`; 1 to 128 characters.
    ///   - payload: an object of at most 32,768 bytes of JSON and 10 levels. It is read before the call returns.
    ///   - occurredAt: when it happened; by default now. At most 24 hours ahead, and not before the year 2000.
    ///   - eventID: a UUID; by default a new one. An id that is sent twice counts once.
    /// - Returns: the event's id. ``SegOpsOptions/onDrop`` reports the same id if the event will not be delivered.
    @discardableResult
    public func track(
        userID: String, eventType: String, payload: JSONValue = [:], occurredAt: Date? = nil, eventID: String? = nil
    ) -> String {
        track(userID, eventType, .value(payload), occurredAt, eventID)
    }

    /// Queues an event whose payload is a value of your own. See ``track(userID:eventType:payload:occurredAt:eventID:)-(_,_,JSONValue,_,_)``.
    ///
    /// `payload` is encoded by `JSONEncoder`, with dates in ISO 8601, before the call returns. If that fails, the event is dropped as
    /// `invalid`.
    @_disfavoredOverload
    @discardableResult
    public func track(
        userID: String, eventType: String, payload: some Encodable & Sendable, occurredAt: Date? = nil, eventID: String? = nil
    ) -> String {
        track(userID, eventType, .encodable(payload), occurredAt, eventID)
    }

    /// Sets traits of a user: the event `context_identified`. Traits of earlier calls keep their values; null unsets a trait.
    @discardableResult
    public func identify(userID: String, traits: JSONValue) -> String {
        track(userID, Self.identifyType, .value(traits), nil, nil)
    }

    /// Sets traits of a user from a value of your own, which is encoded by `JSONEncoder`.
    @_disfavoredOverload
    @discardableResult
    public func identify(userID: String, traits: some Encodable & Sendable) -> String {
        track(userID, Self.identifyType, .encodable(traits), nil, nil)
    }

    // MARK: Delivery

    /// Sends everything that was tracked before the call, and waits until all of it is decided.
    ///
    /// A pause that the server asked for is honoured. Ends early when the task is cancelled.
    /// - Parameter timeout: the longest time to wait. Default 10 s.
    @discardableResult
    public func flush(timeout: Duration = .seconds(10)) async -> SegOpsFlushResult {
        guard options.isEnabled else { return SegOpsFlushResult() }
        await journal?.settled()
        guard let waiter = queue.addFlush() else { return SegOpsFlushResult() }
        signal.wake()
        let deadline = time.uptimeMilliseconds + timeout.milliseconds
        await withTaskCancellationHandler {
            await waiter.done.wait(until: deadline, time: time)
        } onCancel: {
            waiter.done.wake()
        }
        return queue.endFlush(waiter)
    }

    /// Refuses new events as `closed`, delivers the others, and ends the client.
    ///
    /// Events that are undecided at the end stay on disk with persistence, and are dropped as `shutdown` without. Returns early if the
    /// server asked for a pause beyond the end. A second call waits for the first.
    /// - Parameter limit: the longest time to deliver. Default ``SegOpsOptions/shutdownTimeout``.
    @discardableResult
    public func shutdown(within limit: Duration? = nil) async -> SegOpsFlushResult {
        guard let sending else { return SegOpsFlushResult() }
        let limit = (limit ?? options.shutdownTimeout).milliseconds
        let task = ending.withLock { ending in
            if let ending { return ending }
            let task = Task.detached { [queue, sender, journal] in
                queue.close()
                await journal?.settled()
                let waiter = await sender.close(milliseconds: limit)
                await sending.value
                return waiter.map(queue.endFlush) ?? SegOpsFlushResult()
            }
            ending = task
            return task
        }
        return await task.value
    }

    /// Counts of all events since the client was made.
    public var stats: SegOpsStats { queue.stats }

    // MARK: Tracking

    private static let identifyType = "context_identified"

    private func track(_ userID: String, _ type: String, _ payload: Payload, _ occurredAt: Date?, _ givenID: String?) -> String {
        let now = time.unixMilliseconds
        let id = givenID ?? ids.next(unixMilliseconds: now)
        guard options.isEnabled else { return id }
        do {
            if let givenID { try EventEncoder.check(id: givenID) }
            let json = try encoder.encode(
                id: id, userID: userID, type: type, occurredAt: occurredAt.map(Timestamps.milliseconds) ?? now, now: now, payload: payload)
            warnOfUnusualType(type, id)
            add(Event(id: id, type: type, json: json, trackedAt: time.uptimeMilliseconds))
        } catch {
            queue.countRefused(error.reason)
            notifier.drop(
                SegOpsDrop(
                    eventID: id, eventType: type, reason: error.reason, status: nil, code: error.code, field: error.field,
                    message: error.message))
        }
        return id
    }

    private func add(_ event: Event) {
        switch queue.add(event, accept: { journal?.append($0) }) {
        case .queued(let isDue): if isDue { signal.wake() }
        case .full: notifier.drop(SegOpsDrop(event, .queueFull))
        case .closed: notifier.drop(SegOpsDrop(event, .closed))
        }
    }

    /// Warns once for each type that is not in snake_case. The server takes it all the same.
    private func warnOfUnusualType(_ type: String, _ id: String) {
        guard !EventEncoder.isSnakeCase(type) else { return }
        let isNew = unusualTypes.withLock { $0.count < 100 && $0.insert(type).inserted }
        guard isNew else { return }
        notifier.warn(
            SegOpsWarning(
                eventID: id, field: "event_type", code: "event_type_not_snake_case",
                message: "event_type should be snake_case, such as order_placed."))
    }
}
