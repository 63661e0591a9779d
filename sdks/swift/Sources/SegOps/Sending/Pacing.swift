/// Decides when the next request may start and how large it may be. It holds no events.
struct Pacing {
    /// A fault that only somebody else can end. One event at a time is sent to see whether it is over.
    struct Hold {
        let kind: SegOpsFailure.Kind
        /// The size of the batch that met the fault.
        let batchCount: Int
        /// Events that still fit into the quota. They are sent once, at once.
        var allowance: Int
        var probeAt: Int64
        /// Counts the probes, so that each sends another event.
        var probes = 0
    }

    private let backoffBase: Int64
    private let backoffMax: Int64
    private let configurationProbe: Int64
    private let quotaProbe: Int64
    private let byteLimitDuration: Int64
    private let maxBatchBytes: Int

    private var pausedUntil: Int64 = 0
    private var failures = 0
    private var byteLimit: (bytes: Int, until: Int64)?
    /// The sizes of the parts of a refused batch that are still to be sent, the next one last.
    private var parts: [Int] = []
    private(set) var hold: Hold?

    init(options: SegOpsOptions) {
        backoffBase = options.backoffBase.milliseconds
        backoffMax = options.backoffMax.milliseconds
        configurationProbe = options.configurationProbeInterval.milliseconds
        quotaProbe = options.quotaProbeInterval.milliseconds
        byteLimitDuration = options.byteLimitDuration.milliseconds
        maxBatchBytes = options.maxBatchBytes
    }

    /// Whether events are due that were sent before: they wait for no count and no interval.
    var isRetrying: Bool { failures > 0 || !parts.isEmpty || hold != nil }

    /// No request may start earlier.
    var earliest: Int64 {
        guard let hold, hold.allowance == 0 else { return pausedUntil }
        return max(pausedUntil, hold.probeAt)
    }

    var maxEvents: Int {
        guard let hold else { return min(parts.last ?? Batch.maxEvents, Batch.maxEvents) }
        return hold.allowance > 0 ? min(hold.allowance, Batch.maxEvents) : 1
    }

    func maxBytes(now: Int64) -> Int {
        guard let byteLimit, now < byteLimit.until else { return maxBatchBytes }
        return byteLimit.bytes
    }

    /// The place in a queue of `count` events at which the next batch begins.
    func start(count: Int) -> Int {
        guard let hold, hold.kind == .configuration, count > 0 else { return 0 }
        return hold.probes % count
    }

    mutating func pause(_ milliseconds: Int64?, now: Int64) {
        if let milliseconds { pausedUntil = max(pausedUntil, now + milliseconds) }
    }

    /// The server decided on a batch of `count` events.
    mutating func succeed(count: Int, now: Int64) {
        failures = 0
        guard let ended = hold else {
            shrinkPart(by: count)
            return
        }
        if ended.allowance > 0 {
            hold?.allowance = 0
            return
        }
        hold = nil
        // One of the batch's events may have been the cause, so the batch is not tried as a whole.
        if ended.kind == .configuration, ended.batchCount > 1 { parts = Self.halves(ended.batchCount) }
    }

    /// The network or the server failed: the same again, later.
    mutating func backOff(now: Int64) {
        failures += 1
        pause(wait(failures), now: now)
        hold?.probes += 1
    }

    /// The server refused a batch of `count` events that may pass in parts.
    mutating func split(count: Int, bytes: Int, isTooLarge: Bool, now: Int64) {
        endHold()
        if isTooLarge {
            byteLimit = (max(1, bytes / 2), now + byteLimitDuration)
        } else {
            shrinkPart(by: count)
            parts += Self.halves(count)
        }
        backOff(now: now)
    }

    /// The server refused a batch of one event, which is dropped.
    mutating func refuseOne(now: Int64) {
        endHold()
        shrinkPart(by: 1)
        failures = 0
        backOff(now: now)
    }

    /// Returns true if an episode begins.
    mutating func holdForConfiguration(count: Int, now: Int64) -> Bool {
        failures = 0
        let probeAt = now + Self.spread(configurationProbe)
        if hold?.kind == .configuration {
            hold?.probes += 1
            hold?.probeAt = probeAt
            return false
        }
        hold = Hold(kind: .configuration, batchCount: count, allowance: 0, probeAt: probeAt)
        parts = []
        return true
    }

    /// Returns true if an episode begins.
    mutating func holdForQuota(count: Int, remaining: Int, now: Int64) -> Bool {
        failures = 0
        let probeAt = now + Self.spread(quotaProbe)
        if hold?.kind == .quota {
            hold?.allowance = 0
            hold?.probeAt = probeAt
            return false
        }
        // The whole batch was just refused, so as many do not fit whatever the answer says.
        hold = Hold(kind: .quota, batchCount: count, allowance: min(remaining, count - 1), probeAt: probeAt)
        parts = []
        return true
    }

    private mutating func endHold() {
        hold = nil
    }

    private mutating func shrinkPart(by count: Int) {
        guard let part = parts.popLast() else { return }
        if part > count { parts.append(part - count) }
    }

    private func wait(_ failures: Int) -> Int64 {
        let doubled = backoffBase.multipliedReportingOverflow(by: 1 << Int64(min(failures - 1, 40)))
        let bound = doubled.overflow ? backoffMax : min(backoffMax, doubled.partialValue)
        return Int64.random(in: (bound + 1) / 2...bound)
    }

    private static func halves(_ count: Int) -> [Int] { [count / 2, count - count / 2].filter { $0 > 0 } }

    private static func spread(_ interval: Int64) -> Int64 { Int64.random(in: interval - interval / 5...interval + interval / 5) }
}
