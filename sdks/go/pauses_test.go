package segops

import (
	"net/http"
	"testing"
	"time"
)

func TestSend_FailuresInARow_DoubleTheWaitUpToTheMaximum(t *testing.T) {
	s := newServer(t)
	for i := 0; i < 8; i++ {
		s.answers = append(s.answers, problem(503, "overloaded"))
	}
	h := newHarness(t, s, func(o *Options) { o.BackoffMax = 10 * time.Second })

	h.track(1)
	done := h.flush()
	for _, most := range []time.Duration{1, 2, 4, 8, 10, 10, 10, 10} {
		h.clock.awaitTimer(t, most*time.Second/2, most*time.Second)
		s.next(t)
		s.none(t)
		h.clock.Advance(most * time.Second)
	}

	h.result(done)
}

func TestSend_RetryAfter_IsAFloor(t *testing.T) {
	for name, answer := range map[string]reply{
		"seconds":           problem(503, "stream_unavailable", "Retry-After", "30"),
		"date":              problem(503, "overloaded", "Retry-After", "Mon, 30 Nov 2026 12:00:30 GMT", "Date", "Mon, 30 Nov 2026 12:00:00 GMT"),
		"rate_limited":      problem(429, "rate_limited", "Retry-After", "30"),
		"too_many_failures": problem(429, "too_many_failures", "Retry-After", "30"),
		"used up":           withHeader("RateLimit", `"minute";r=0;t=30, "month";r=0;t=551957`),
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, answer)
			h := newHarness(t, s, nil)

			h.track(1)
			h.flush()
			s.next(t)
			await(t, "the pause", func() bool { return h.Stats().InFlight == 0 })
			h.track(150)
			done := h.flush()
			h.clock.awaitTimer(t, 30*time.Second, 30*time.Second)
			h.clock.Advance(29 * time.Second)
			h.clock.awaitTimer(t, time.Second, time.Second)
			s.none(t)
			h.clock.Advance(time.Second)

			h.result(done)
		})
	}
}

func TestSend_QuotaExceeded_SendsWhatRemainsAndThenProbes(t *testing.T) {
	exceeded := func(w http.ResponseWriter, _ *sent) {
		write(w, 429, `{"code":"quota_exceeded","remaining":0}`, "Retry-After", "551957")
	}
	s := newServer(t, status(429, `{"code":"quota_exceeded","remaining":7}`, "Retry-After", "551957"), accept, exceeded, accept, accept)
	h := newHarness(t, s, func(o *Options) { o.FlushAt = 20 })

	ids := h.track(20)
	if first, second := s.next(t), s.next(t); len(first.Events) != 20 || join(second.ids()) != join(ids[:7]) {
		t.Errorf("batches of %d and %d events were sent", len(first.Events), len(second.Events))
	}
	for probe := 0; probe < 2; probe++ {
		h.clock.Advance(h.clock.awaitTimer(t, 12*time.Minute, 18*time.Minute))
		if got := s.next(t).ids(); join(got) != ids[7] {
			t.Errorf("the probe is %v", got)
		}
	}

	if got := s.next(t).ids(); join(got) != join(ids[8:]) {
		t.Errorf("after the probe %d events were sent", len(got))
	}
	h.awaitCallbacks()
	if e := recorded(h, &h.errors); len(e) != 1 || e[0].Kind != ErrorQuota || e[0].Status != 429 || e[0].Code != "quota_exceeded" {
		t.Errorf("the errors are %+v", e)
	}
}

func TestSend_ConfigurationRefused_HoldsAndProbesWithOneEventAfterAnother(t *testing.T) {
	for name, refusal := range map[string]reply{
		"401":      problem(401, "invalid_api_key"),
		"403":      problem(403, "origin_not_allowed"),
		"404":      status(404, "not here"),
		"405":      status(405, ""),
		"redirect": status(302, "", "Location", "https://example.com/"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, refusal, refusal, refusal)
			h := newHarness(t, s, nil)

			ids := h.track(8)
			done := h.flush()
			s.next(t)
			for probe := 0; probe < 3; probe++ {
				h.clock.Advance(h.clock.awaitTimer(t, 4*time.Minute, 6*time.Minute))
				if got := s.next(t).ids(); join(got) != ids[probe] {
					t.Errorf("probe %d is %v", probe, got)
				}
			}
			result := h.result(done)

			if result != (FlushResult{Accepted: 8}) {
				t.Errorf("the flush returned %+v", result)
			}
			if got := len(s.next(t).Events); got > 4 {
				t.Errorf("after the probe %d events were sent at once", got)
			}
			h.awaitCallbacks()
			if e := recorded(h, &h.errors); len(e) != 1 || e[0].Kind != ErrorConfiguration {
				t.Errorf("the errors are %+v", e)
			}
		})
	}
}

func TestSend_OlderThanMaxEventAge_Expires(t *testing.T) {
	s := newServer(t, problem(401, "revoked_api_key"))
	h := newHarness(t, s, func(o *Options) { o.MaxEventAge = time.Minute })

	ids := h.track(1)
	h.flush()
	s.next(t)
	h.clock.awaitTimer(t, time.Minute, time.Minute)
	h.clock.Advance(time.Minute)

	if d := h.awaitDrops(1); d[0].Reason != DropExpired || d[0].EventID != ids[0] {
		t.Errorf("the drop is %+v", d[0])
	}
	s.none(t)
}
