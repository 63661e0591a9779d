/// Why an event will not be delivered.
public enum SegOpsDropReason: String, Sendable, CaseIterable {
    /// The queue holds as many events or bytes as the options allow. The newest event is refused.
    case queueFull = "queue_full"
    /// The event breaks a rule of the API, so no server would take it.
    case invalid
    /// The payload is over 32,768 bytes, or the server refused the event alone as too large.
    case tooLarge = "too_large"
    /// The server refused the event. `code` and `message` say why.
    case rejected
    /// The event could not be delivered within ``SegOpsOptions/maxEventAge``.
    case expired
    /// The client was shut down before the event was delivered.
    case shutdown
    /// The event was tracked after the client was shut down.
    case closed
    /// The client was shut down, and the disk did not take the event.
    case storage
}

/// An event that will not be delivered. Each such event is reported once.
public struct SegOpsDrop: Sendable {
    public let eventID: String
    public let eventType: String
    public let reason: SegOpsDropReason
    /// The HTTP status of the answer, if a server refused the event.
    public let status: Int?
    /// The code of the error, as the API's documentation lists them.
    public let code: String?
    /// The field of the event that is wrong, such as `user_id`.
    public let field: String?
    /// A text for people. It repeats no value of the event.
    public let message: String?
}

extension SegOpsDrop {
    init(_ event: Event, _ reason: SegOpsDropReason) {
        self.init(eventID: event.id, eventType: event.type, reason: reason, status: nil, code: nil, field: nil, message: nil)
    }
}

/// A fault that keeps the client from delivering. Reported once for each episode. The events wait in the meantime.
public struct SegOpsFailure: Sendable {
    public enum Kind: String, Sendable {
        /// The API key, the URL or the network's access rules are wrong: 401, 403, 404, 405 or a redirect.
        case configuration
        /// The plan's events of the month, or a test key's events of the day, are used up.
        case quota
        /// Events cannot be written to disk. They are kept in memory.
        case storage
    }

    public let kind: Kind
    public let status: Int?
    public let code: String?
    public let message: String
}

/// A note on an event that was accepted.
public struct SegOpsWarning: Sendable {
    public let eventID: String?
    public let field: String?
    public let code: String?
    public let message: String
}

/// What became of the events that a `flush` or `shutdown` covered.
public struct SegOpsFlushResult: Sendable, Equatable {
    /// Events that the server accepted.
    public internal(set) var accepted = 0
    /// Events that the server rejected.
    public internal(set) var rejected = 0
    /// Events that were dropped for another reason.
    public internal(set) var dropped = 0
    /// Events that are not decided. They stay in the queue, or on disk after a shutdown.
    public internal(set) var remaining = 0
}

/// Counts since the client was made. `tracked` is always the sum of all the others.
public struct SegOpsStats: Sendable, Equatable {
    /// Events given to `track` and `identify`, and events found on disk.
    public internal(set) var tracked = 0
    public internal(set) var accepted = 0
    /// Events that the server rejected. They are not counted as dropped.
    public internal(set) var rejected = 0
    public internal(set) var queued = 0
    /// Events of the request that is on its way.
    public internal(set) var inFlight = 0
    /// Events dropped by the client, by reason.
    public internal(set) var drops: [SegOpsDropReason: Int] = [:]

    /// The sum of ``drops``.
    public var dropped: Int { drops.values.reduce(0, +) }
}
