package segops

// maxBadRequests is how often a request that arrived broken is repeated before
// its events are suspected.
const maxBadRequests = 3

// apply does what the answer to a batch asks for.
func (s *sender) apply(batch []*item, a answer) {
	if a.verdict != badRequest {
		s.badRequests = 0
	}
	s.pause(a.wait)
	switch a.verdict {
	case delivered:
		s.delivered(batch, a)
	case partlyRefused:
		s.refuse(batch, a)
		s.parts.consume(len(a.refused))
		s.queue.putBack(batch, false)
	case sendPlain:
		gzipRefused.Store(true)
		s.queue.putBack(batch, false)
		s.notices.log(LogWarn, "the server does not take compressed requests; they are sent without compression", "status", a.status)
	case divide, divideBytes:
		s.divide(batch, a)
	case badRequest:
		if s.badRequests++; s.badRequests < maxBadRequests {
			s.repeat(batch, a)
			return
		}
		s.badRequests = 0
		s.divide(batch, a)
	case quotaExceeded:
		s.exceed(batch, a)
	case misconfigured:
		s.hold(batch, a)
	default:
		s.repeat(batch, a)
	}
}

func (s *sender) delivered(batch []*item, a answer) {
	s.refuse(batch, a)
	for _, w := range a.warnings {
		s.warn(batch, w)
	}
	s.queue.settle(batch, fate{})
	s.parts.consume(len(batch))
	s.backoff.reset()
	s.held = false
	switch {
	case s.quota.credit > len(batch):
		s.quota.credit -= len(batch)
	case s.quota.credit > 0:
		s.quota.credit = 0
		s.pause(s.probeInterval(quotaProbeInterval))
	default:
		s.quota.exceeded = false
	}
}

// refuse drops the events that the server names.
func (s *sender) refuse(batch []*item, a answer) {
	for i := range batch {
		if f, ok := a.refused[i]; ok {
			s.queue.settle(batch[i:i+1], fate{DropRejected, a.status, f.Code, f.Field, f.Message})
		}
	}
}

func (s *sender) warn(batch []*item, f eventFault) {
	w := Warning{Field: f.Field, Code: f.Code, Message: f.Message}
	if f.Index != nil && *f.Index >= 0 && *f.Index < len(batch) {
		it := batch[*f.Index]
		if f.Code == notSnakeCase && !isSnakeCase(it.eventType) {
			return // Track warned of it
		}
		w.EventID = it.id
	}
	s.notices.warning(w)
}

// repeat keeps the events for another attempt.
func (s *sender) repeat(batch []*item, a answer) {
	wait := s.backoff.next()
	s.pause(wait)
	s.queue.putBack(batch, false)
	s.notices.log(LogWarn, "sending failed and is repeated", "events", len(batch),
		"status", a.status, "code", a.code, "failure", a.failure, "wait", s.pausedUntil.Sub(s.clock.Now()))
}

// divide narrows a refusal of the whole batch down to the events at fault.
func (s *sender) divide(batch []*item, a answer) {
	s.pause(s.backoff.next())
	if len(batch) == 1 {
		f := fate{reason: DropRejected, status: a.status, code: a.code, message: a.message}
		if a.verdict == divideBytes {
			f.reason = DropTooLarge
		}
		s.queue.settle(batch, f)
		s.parts.consume(1)
		return
	}
	if a.verdict == divideBytes {
		s.bytes.lower(batch, s.clock.Now())
	}
	s.parts.halve(len(batch))
	s.queue.putBack(batch, false)
	s.notices.log(LogWarn, "a batch was refused and is sent in halves", "events", len(batch), "status", a.status, "code", a.code)
}

// exceed sends what still fits, and then single events until they are taken.
func (s *sender) exceed(batch []*item, a answer) {
	s.queue.putBack(batch, false)
	if !s.quota.exceeded {
		s.quota = quota{exceeded: true, credit: a.remaining}
		s.notices.failure(DeliveryError{ErrorQuota, a.status, a.code,
			"the events of the plan are used up; events are kept until they expire"})
	} else {
		s.quota.credit = 0
	}
	if s.quota.credit == 0 {
		s.pause(s.probeInterval(quotaProbeInterval))
	}
}

// hold keeps all events, which are not at fault, and tries single ones.
func (s *sender) hold(batch []*item, a answer) {
	single := len(batch) == 1
	if !single {
		s.parts.halve(len(batch))
	}
	s.queue.putBack(batch, single)
	if !s.held {
		s.held = true
		s.notices.failure(DeliveryError{ErrorConfiguration, a.status, a.code,
			"the server refuses the API key or the address; events are kept until they expire"})
	}
	s.pause(s.probeInterval(configurationProbeInterval))
}
