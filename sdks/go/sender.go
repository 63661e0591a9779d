package segops

import "time"

// sender is the goroutine that sends batches, one request at a time. Only it
// uses these fields.
type sender struct {
	options *Options
	queue   *queue
	wire    *wire
	notices *notifier
	clock   clock
	random  func() float64 // in [0, 1)

	backoff     backoff
	parts       parts
	bytes       byteLimit
	pausedUntil time.Time
	badRequests int // in a row
	held        bool
	quota       quota
	done        chan struct{} // closed at the end
}

// quota is the state after quota_exceeded.
type quota struct {
	exceeded bool
	credit   int // events that still fit
}

func (s *sender) run() {
	defer close(s.done)
	for s.step() {
	}
}

// step sends one batch or sleeps once. It returns false at the end.
func (s *sender) step() (more bool) {
	defer func() {
		if recover() != nil {
			// A fault of this package must delay events and not end delivery.
			s.queue.putAllBack()
			s.pause(s.backoff.next())
			s.notices.log(LogError, "the sender panicked and continues")
			more = true
		}
	}()
	now := s.clock.Now()
	s.queue.expire(now.Add(-s.options.MaxEventAge))
	switch next, until := s.queue.next(now, s.pausedUntil); next {
	case stepEnd:
		return false
	case stepSend:
		batch := s.queue.take(s.batchLimit(), s.bytes.at(now)-emptyBodySize+1)
		s.apply(batch, s.wire.send(batch))
	case stepSleep:
		s.sleep(now, until)
	}
	return true
}

func (s *sender) sleep(now, until time.Time) {
	if until.IsZero() {
		<-s.queue.wake
		return
	}
	expired, release := s.clock.After(until.Sub(now))
	defer release()
	select {
	case <-s.queue.wake:
	case <-expired:
	}
}

// batchLimit returns how many events the next batch may have.
func (s *sender) batchLimit() int {
	limit := s.parts.limit(maxBatchEvents)
	switch {
	case s.held, s.quota.exceeded && s.quota.credit == 0:
		return 1
	case s.quota.exceeded && s.quota.credit < limit:
		return s.quota.credit
	}
	return limit
}

// pause keeps the next request from being sent for so long. It never shortens
// a pause.
func (s *sender) pause(d time.Duration) {
	if until := s.clock.Now().Add(d); until.After(s.pausedUntil) {
		s.pausedUntil = until
	}
}

// probeInterval spreads the probes of many clients by 20 % around the time.
func (s *sender) probeInterval(normal time.Duration) time.Duration {
	if s.options.ProbeInterval > 0 {
		normal = s.options.ProbeInterval
	}
	return time.Duration((0.8 + 0.4*s.random()) * float64(normal))
}
