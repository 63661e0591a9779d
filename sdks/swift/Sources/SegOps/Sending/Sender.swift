/// Sends the events of a queue, one request at a time, until it is shut down.
actor Sender {
    private static let maxBadRequests = 3

    private let queue: EventQueue
    private let journal: Journal?
    private let notifier: Notifier
    private let options: SegOpsOptions
    private let time: any TimeSource
    /// Nil after the end, so that its connection is closed.
    private var transport: (any SegOpsTransport)?
    private let requests: RequestBuilder
    private let maxEventAge: Int64
    private let signal: Signal

    private var pacing: Pacing
    private var badRequests = 0
    private var exchange: Exchange?
    /// When a shutdown ends. Set once.
    private var deadline: Int64?
    private var deadlineTimer: Task<Void, Never>?

    init(
        queue: EventQueue, journal: Journal?, notifier: Notifier, options: SegOpsOptions, time: any TimeSource,
        transport: any SegOpsTransport, requests: RequestBuilder, signal: Signal
    ) {
        self.queue = queue
        self.journal = journal
        self.notifier = notifier
        self.options = options
        self.time = time
        self.transport = transport
        self.requests = requests
        self.signal = signal
        pacing = Pacing(options: options)
        let defaultAge = journal == nil ? Duration.seconds(86_400) : .seconds(7 * 86_400)
        maxEventAge = (options.maxEventAge ?? defaultAge).milliseconds
    }

    /// Sends until ``close(milliseconds:)`` was called and nothing is left to send.
    func run() async {
        await journal?.settled()
        while true {
            let now = time.uptimeMilliseconds
            expire(now: now)
            let due = nextAttempt(now: now)
            if let deadline, due.map({ $0 > deadline }) ?? true || now >= deadline { break }
            if let due, due <= now {
                await attempt()
            } else {
                await signal.wait(until: nextWake(due: due), time: time)
            }
        }
        await end()
    }

    /// Ends ``run()`` when the queue is empty, or after `milliseconds` (nil: without limit), or as soon as no request can
    /// start before then. Returns what counts the events that are undecided now; nil if there are none.
    @discardableResult
    func close(milliseconds: Int64?) -> FlushWaiter? {
        guard deadline == nil else { return nil }
        let deadline = milliseconds.map { time.uptimeMilliseconds + $0 } ?? .max
        self.deadline = deadline
        deadlineTimer = Task { [time] in
            await time.sleep(until: deadline)
            if !Task.isCancelled { abort() }
        }
        signal.wake()
        return queue.addFlush()
    }

    private func abort() {
        exchange?.abort()
        signal.wake()
    }

    // MARK: When

    /// When the next request starts, if nothing else happens. Nil: there is no event.
    private func nextAttempt(now: Int64) -> Int64? {
        let demand = queue.demand
        guard let oldest = demand.oldest else { return nil }
        let isTriggered = demand.count >= options.flushAt || demand.isFlushing || deadline != nil || pacing.isRetrying
        return max(isTriggered ? now : oldest.trackedAt + options.flushInterval.milliseconds, pacing.earliest)
    }

    private func nextWake(due: Int64?) -> Int64? {
        guard let due, let oldest = queue.demand.oldest else { return nil }
        return min(due, oldest.trackedAt + maxEventAge + 1)
    }

    private func expire(now: Int64) {
        guard let oldest = queue.demand.oldest, oldest.trackedAt < now - maxEventAge else { return }
        drop(queue.events(trackedBefore: now - maxEventAge), .expired)
    }

    // MARK: One request

    private func attempt() async {
        guard let transport else { return }
        let start = pacing.start(count: queue.demand.count)
        let batch = queue.take(from: start, maxEvents: pacing.maxEvents, maxBytes: pacing.maxBytes(now: time.uptimeMilliseconds))
        let plain = Batch.body(batch, sentAt: time.unixMilliseconds)
        var compressed: [UInt8]?
        if options.gzip, plain.count >= Batch.minCompressedBytes, requests.isGzipAllowed {
            compressed = Gzip.compress(plain)
            if compressed == nil { requests.forbidGzip() }
        }
        let request = requests.request(body: compressed ?? plain, isCompressed: compressed != nil)
        let exchange = Exchange()
        self.exchange = exchange
        let end = await exchange.run(request, transport: transport, time: time)
        self.exchange = nil

        let now = time.uptimeMilliseconds
        switch end {
        case .answered(let response):
            let verdict = Verdict(
                response, batchCount: batch.count, isCompressed: compressed != nil, now: time.unixMilliseconds)
            pacing.pause(verdict.pause, now: now)
            apply(verdict, batch: batch, bytes: plain.count, now: now)
        case .failed, .timedOut:
            notifier.log(.warning, reason: "transport", "No answer for \(batch.count) events. They are sent again.")
            retry(now: now)
        case .aborted:
            queue.release()
        }
    }

    private func apply(_ verdict: Verdict, batch: [Event], bytes: Int, now: Int64) {
        if case .badRequest = verdict.answer { badRequests += 1 } else { badRequests = 0 }
        switch verdict.answer {
        case .decided(let rejections, let warnings):
            decide(batch, rejections, acceptOthers: true, verdict)
            for warning in warnings { warn(warning, batch) }
            pacing.succeed(count: batch.count, now: now)
        case .invalid(let rejections):
            decide(batch, rejections, acceptOthers: false, verdict)
            pacing.succeed(count: rejections.count, now: now)
        case .refused(let isTooLarge):
            refuse(batch, isTooLarge: isTooLarge, verdict, bytes: bytes, now: now)
        case .badRequest where badRequests > Self.maxBadRequests:
            refuse(batch, isTooLarge: false, verdict, bytes: bytes, now: now)
        case .transient, .badRequest:
            let status = verdict.status
            notifier.log(.warning, reason: "status \(status)", "Status \(status) for \(batch.count) events. They are sent again.")
            retry(now: now)
        case .quotaExceeded(let remaining):
            queue.release()
            if pacing.holdForQuota(count: batch.count, remaining: remaining, now: now) { fail(.quota, verdict) }
        case .configuration:
            queue.release()
            if pacing.holdForConfiguration(count: batch.count, now: now) { fail(.configuration, verdict) }
        case .unsupportedEncoding:
            requests.forbidGzip()
            queue.release()
            notifier.log(.info, reason: "gzip", "The server does not read gzip. Requests are sent plain from now on.")
        }
    }

    private func retry(now: Int64) {
        queue.release()
        pacing.backOff(now: now)
    }

    private func refuse(_ batch: [Event], isTooLarge: Bool, _ verdict: Verdict, bytes: Int, now: Int64) {
        if batch.count > 1 {
            queue.release()
            pacing.split(count: batch.count, bytes: bytes, isTooLarge: isTooLarge, now: now)
        } else {
            let rejection = Answer.Rejection(field: nil, code: verdict.code, message: verdict.message)
            decide(batch, [0: rejection], acceptOthers: false, verdict, reason: isTooLarge ? .tooLarge : .rejected)
            pacing.refuseOne(now: now)
        }
    }

    // MARK: What becomes of events

    private func decide(
        _ batch: [Event], _ rejections: [Int: Answer.Rejection], acceptOthers: Bool, _ verdict: Verdict,
        reason: SegOpsDropReason = .rejected
    ) {
        var decisions: [(event: Event, outcome: EventQueue.Outcome)] = []
        var drops: [SegOpsDrop] = []
        for (index, event) in batch.enumerated() {
            if let rejection = rejections[index] {
                decisions.append((event, reason == .rejected ? .rejected : .dropped(reason)))
                drops.append(
                    SegOpsDrop(
                        eventID: event.id, eventType: event.type, reason: reason, status: verdict.status, code: rejection.code,
                        field: rejection.field, message: rejection.message))
            } else if acceptOthers {
                decisions.append((event, .accepted))
            }
        }
        journal?.forget(decisions.map(\.event))
        queue.decide(decisions)
        drops.forEach(notifier.drop)
    }

    private func drop(_ events: [Event], _ reason: SegOpsDropReason) {
        journal?.forget(events)
        queue.decide(events.map { ($0, .dropped(reason)) })
        for event in events { notifier.drop(SegOpsDrop(event, reason)) }
    }

    private func warn(_ warning: Answer.Note, _ batch: [Event]) {
        let event = warning.index.flatMap { batch.indices.contains($0) ? batch[$0] : nil }
        notifier.warn(SegOpsWarning(eventID: event?.id, field: warning.field, code: warning.code, message: warning.message))
    }

    private func fail(_ kind: SegOpsFailure.Kind, _ verdict: Verdict) {
        let what = kind == .quota ? "The quota is used up" : "The server refuses all requests: check the key and the URL"
        let code = verdict.code.map { ", code \($0)" } ?? ""
        notifier.fail(
            SegOpsFailure(
                kind: kind, status: verdict.status, code: verdict.code, message: "\(what) (status \(verdict.status)\(code)). Events wait."))
    }

    private func end() async {
        let unsaved = await journal?.close()
        let lost = queue.all.filter { unsaved?.contains($0.sequence) ?? true }
        drop(lost, journal == nil ? .shutdown : .storage)
        queue.endFlushes()
        deadlineTimer?.cancel()
        transport = nil
        await notifier.drain(until: time.uptimeMilliseconds + 1000)
    }
}
