import Foundation

/// Settings of a ``SegOpsClient``. All have defaults that suit an app.
public struct SegOpsOptions: Sendable {
    /// Whether undelivered events are kept on disk.
    public enum Persistence: Sendable, Equatable {
        /// Events are lost when the process ends.
        case none
        /// Events are kept in this folder. Events of processes that ended are delivered by the next client with the same folder.
        /// Give each project a folder of its own.
        case directory(URL)

        /// On Apple's platforms the folder `segops` in Application Support, elsewhere ``none``.
        public static var platformDefault: Persistence {
            #if canImport(Darwin)
                let folders = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)
                return folders.first.map { .directory($0.appendingPathComponent("segops", isDirectory: true)) } ?? .none
            #else
                return .none
            #endif
        }
    }

    /// Events that cause a request. 1 to 500; default 20.
    public var flushAt = 20
    /// The longest time that an event waits for others. Default 30 s.
    public var flushInterval = Duration.seconds(30)
    /// The largest request before compression, in bytes. 1 to 10,485,760; default 524,288 (512 KiB). One event is always sent.
    public var maxBatchBytes = 512 * 1024
    /// Events that the queue holds, with those on their way. Further ones are dropped as `queue_full`. Default 10,000.
    public var maxQueueEvents = 10_000
    /// Bytes of JSON that the queue holds, in memory and on disk. Default 10,485,760 (10 MiB).
    public var maxQueueBytes = 10 * 1024 * 1024
    /// The time after which a request counts as failed. Default 15 s.
    public var requestTimeout = Duration.seconds(15)
    /// The wait after a first failure. It doubles with each further one; half of it is random. Default 1 s.
    public var backoffBase = Duration.seconds(1)
    /// The longest wait after a failure. Default 60 s. A server's `Retry-After` can be longer.
    public var backoffMax = Duration.seconds(60)
    /// The age at which an undelivered event is dropped as `expired`. Default: 7 days with persistence, 24 hours without.
    public var maxEventAge: Duration?
    /// The time that ``SegOpsClient/shutdown(within:)`` takes by default. Default 10 s.
    public var shutdownTimeout = Duration.seconds(10)
    /// Whether requests of 1 KiB and more are compressed. Default true.
    public var gzip = true
    /// False makes a client that does nothing, for tests and for users who object. Default true.
    public var isEnabled = true
    /// Whether `http://` URLs of other machines are allowed. Default false: only those of this machine.
    public var allowsInsecureHTTP = false
    /// Default ``Persistence/platformDefault``.
    public var persistence = Persistence.platformDefault
    /// How often one event is sent to see whether a wrong configuration was corrected; ±20 %. Default 5 minutes.
    public var configurationProbeInterval = Duration.seconds(300)
    /// How often one event is sent to see whether the quota has room again; ±20 %. Default 15 minutes.
    public var quotaProbeInterval = Duration.seconds(900)
    /// How long requests stay smaller after the server refused one as too large. Default 10 minutes.
    public var byteLimitDuration = Duration.seconds(600)
    /// Called once for each event that will not be delivered.
    ///
    /// All three callbacks run one after the other on a queue of the client. Errors that they throw are ignored.
    public var onDrop: (@Sendable (SegOpsDrop) throws -> Void)?
    /// Called once when delivery begins to fail for a reason that somebody must correct.
    public var onError: (@Sendable (SegOpsFailure) throws -> Void)?
    /// Called for notes of the server on accepted events.
    public var onWarning: (@Sendable (SegOpsWarning) throws -> Void)?
    /// Takes the client's log. Default ``SegOpsLogger/system``.
    public var logger = SegOpsLogger.system
    /// Sends the requests. Default ``platformTransport()``.
    public var transport: (any SegOpsTransport)?

    public init() {}
}

/// Why a ``SegOpsClient`` could not be made.
public struct SegOpsConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// All faults found, each a sentence that begins with the option's name.
    public let problems: [String]

    public var description: String { problems.joined(separator: " ") }
}

extension SegOpsOptions {
    /// The faults of the options together with those of the URL and the key.
    func problems(apiURL: String, apiKey: String) -> [String] {
        var problems = urlProblems(apiURL)
        if apiKey.isEmpty || !apiKey.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            problems.append("apiKey must be a key such as pk_live_..., without spaces.")
        }
        if !(1...500).contains(flushAt) { problems.append("flushAt must be 1 to 500.") }
        if !(1...10_485_760).contains(maxBatchBytes) { problems.append("maxBatchBytes must be 1 to 10485760.") }
        if maxQueueEvents < 1 { problems.append("maxQueueEvents must be at least 1.") }
        if maxQueueBytes < 1 { problems.append("maxQueueBytes must be at least 1.") }
        let durations = [
            ("flushInterval", flushInterval), ("requestTimeout", requestTimeout), ("backoffBase", backoffBase), ("backoffMax", backoffMax),
            ("maxEventAge", maxEventAge ?? .seconds(1)), ("configurationProbeInterval", configurationProbeInterval),
            ("quotaProbeInterval", quotaProbeInterval), ("byteLimitDuration", byteLimitDuration),
        ]
        for (name, duration) in durations where duration.milliseconds < 1 { problems.append("\(name) must be at least 1 ms.") }
        if shutdownTimeout < .zero { problems.append("shutdownTimeout must not be negative.") }
        if case .directory(let url) = persistence, !url.isFileURL { problems.append("persistence must be a folder on disk.") }
        return problems
    }

    private func urlProblems(_ apiURL: String) -> [String] {
        guard let url = URL(string: apiURL), let host = url.host, !host.isEmpty else {
            return ["apiURL must be a URL such as https://api.segops.ai."]
        }
        guard url.query == nil, url.fragment == nil, url.user == nil else {
            return ["apiURL must have no query, fragment or user name."]
        }
        switch url.scheme?.lowercased() {
        case "https": return []
        case "http":
            let name = host.lowercased()
            let isLoopback = ["localhost", "::1", "[::1]"].contains(name) || name.hasSuffix(".localhost") || Self.isLoopbackIPv4(name)
            guard isLoopback || allowsInsecureHTTP else {
                return ["apiURL must be https, because the key could be read on the way. allowsInsecureHTTP permits http."]
            }
            return []
        default: return ["apiURL must begin with https://."]
        }
    }

    /// Only four numbers that begin with 127: `127.example.com` is a name of somebody else.
    private static func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
