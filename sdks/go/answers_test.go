package segops

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSend_PartialAcceptance_DropsExactlyTheNamedEvents(t *testing.T) {
	s := newServer(t, status(202, `{"accepted":3,"rejected":2,
		"errors":[{"index":0,"field":"user_id","code":"empty","message":"m0"},
		          {"index":0,"field":"payload","code":"other","message":"second"},
		          {"index":4,"field":"payload","code":"payload_too_deep","message":"m4"}],
		"warnings":[{"index":2,"field":"user_id","code":"suspicious_user_id","message":"w"},
		            {"index":-1,"field":"sent_at","code":"sent_at_ignored","message":"b"}]}`))
	h := newHarness(t, s, nil)

	ids := h.track(5)
	result := h.result(h.flush())

	if result != (FlushResult{Accepted: 3, Rejected: 2}) {
		t.Errorf("the flush returned %+v", result)
	}
	drops := map[string]Drop{}
	for _, d := range h.awaitDrops(2) {
		drops[d.EventID] = d
	}
	want := Drop{
		EventID: ids[4], EventType: "test_event", Reason: DropRejected,
		Status: 202, Code: "payload_too_deep", Field: "payload", Message: "m4",
	}
	if drops[ids[0]].Code != "empty" || drops[ids[4]] != want {
		t.Errorf("the drops are %+v", drops)
	}
	h.awaitCallbacks()
	if w := recorded(h, &h.warnings); len(w) != 2 || w[0].EventID != ids[2] || w[1].EventID != "" {
		t.Errorf("the warnings are %+v", w)
	}
	if s := h.Stats(); s.Rejected != 2 || s.Dropped != 0 || s.Drops[DropRejected] != 2 {
		t.Errorf("the counts are %+v", s)
	}
}

func TestSend_ValidationFailed_DropsTheNamedEventsAndSendsTheRest(t *testing.T) {
	s := newServer(t, status(400, `{"code":"validation_failed","errors":[{"index":1,"field":"user_id","code":"empty","message":"m"}]}`))
	h := newHarness(t, s, nil)

	ids := h.track(3)
	result := h.result(h.flush())

	if result != (FlushResult{Accepted: 2, Rejected: 1}) {
		t.Errorf("the flush returned %+v", result)
	}
	s.next(t)
	if got := s.next(t).ids(); join(got) != ids[0]+" "+ids[2] {
		t.Errorf("sent %v again", got)
	}
	if d := h.awaitDrops(1); d[0].EventID != ids[1] || d[0].Status != 400 {
		t.Errorf("the drop is %+v", d[0])
	}
}

// advanceUntil passes the waits between attempts until the flush is over.
func (h *harness) advanceUntil(done <-chan FlushResult) FlushResult {
	h.t.Helper()
	var result FlushResult
	await(h.t, "the end of the flush", func() bool {
		h.clock.Advance(time.Second)
		select {
		case result = <-done:
			return true
		default:
			return false
		}
	})
	return result
}

func TestSend_PoisonInABatch_IsIsolatedAndTheRestDelivered(t *testing.T) {
	for name, refusal := range map[string]reply{
		"malformed_json": problem(400, "malformed_json"),
		"firewall":       status(418, "<html>blocked</html>"),
	} {
		t.Run(name, func(t *testing.T) {
			poison := ""
			s := newServer(t)
			for i := 0; i < 100; i++ {
				s.answers = append(s.answers, func(w http.ResponseWriter, r *sent) {
					if strings.Contains(join(r.ids()), poison) {
						refusal(w, r)
					} else {
						accept(w, r)
					}
				})
			}
			h := newHarness(t, s, nil)
			ids := h.track(64)
			poison = ids[37]

			result := h.advanceUntil(h.flush())

			if result != (FlushResult{Accepted: 63, Rejected: 1}) {
				t.Errorf("the flush returned %+v", result)
			}
			if d := h.awaitDrops(1); d[0].EventID != poison {
				t.Errorf("the drop is %+v", d[0])
			}
			// log2(64) halvings, each with the other half, and the first batch.
			if requests := len(s.requests); requests > 13 {
				t.Errorf("%d requests were made", requests)
			}
		})
	}
}

func TestSend_BodyTooLarge_HalvesAndKeepsTheSmallerLimitForATime(t *testing.T) {
	s := newServer(t)
	for i := 0; i < 50; i++ {
		s.answers = append(s.answers, func(w http.ResponseWriter, r *sent) {
			if len(r.Events) > 8 {
				problem(413, "body_too_large")(w, r)
			} else {
				accept(w, r)
			}
		})
	}
	h := newHarness(t, s, nil)

	h.track(64)
	result := h.advanceUntil(h.flush())

	if result != (FlushResult{Accepted: 64}) {
		t.Errorf("the flush returned %+v", result)
	}
	var sizes []string
	for len(s.requests) > 0 {
		sizes = append(sizes, fmt.Sprint(len((<-s.requests).Events)))
	}
	if got := join(sizes[:5]); got != "64 32 16 8 8" {
		t.Errorf("the first batches have %s events", got)
	}
	h.track(12)
	h.result(h.flush())
	if first := len(s.next(t).Events); first > 8 {
		t.Errorf("%d events were sent within the time of the smaller limit", first)
	}
	h.clock.Advance(11 * time.Minute)
	h.track(12)
	h.advanceUntil(h.flush())
	for len(s.requests) > 1 {
		if len((<-s.requests).Events) == 12 {
			return
		}
	}
	t.Error("the limit did not recover")
}

func TestSend_LoneEventTooLarge_DropsIt(t *testing.T) {
	s := newServer(t, status(413, ""))
	h := newHarness(t, s, nil)

	h.track(1)
	result := h.result(h.flush())

	if result != (FlushResult{Dropped: 1}) {
		t.Errorf("the flush returned %+v", result)
	}
	if d := h.awaitDrops(1); d[0].Reason != DropTooLarge || d[0].Status != 413 {
		t.Errorf("the drop is %+v", d[0])
	}
}

func TestSend_UnsupportedMediaType_SendsPlainInTheWholeProcess(t *testing.T) {
	s := newServer(t, problem(415, "unsupported_media_type"))
	h := newHarness(t, s, nil)

	ids := h.track(20)
	h.result(h.flush())
	other := newHarness(t, s, nil)
	other.track(20)
	other.result(other.flush())

	if got := s.next(t).Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("the first Content-Encoding is %q", got)
	}
	for i := 0; i < 2; i++ {
		r := s.next(t)
		if r.Header.Get("Content-Encoding") != "" || (i == 0 && join(r.ids()) != join(ids)) {
			t.Errorf("request %d is not the plain one", i)
		}
	}
}

func TestSend_NotADecision_KeepsTheEvents(t *testing.T) {
	for name, answer := range map[string]reply{
		"login page":       status(200, "<html>log in</html>", "Content-Type", "text/html"),
		"200 with counts":  status(200, `{"accepted":2,"rejected":0}`),
		"no content":       status(204, ""),
		"broken JSON":      status(202, `{"accepted":2,"rejected":0`),
		"no counts":        status(202, `{}`),
		"too few":          status(202, `{"accepted":1,"rejected":0}`),
		"unnamed rejected": status(202, `{"accepted":1,"rejected":1,"errors":[]}`),
		"negative":         status(202, `{"accepted":3,"rejected":-1}`),
		"internal_error":   problem(500, "internal_error"),
		"unavailable":      problem(502, "upstream_unavailable"),
		"stream":           problem(503, "stream_unavailable"),
		"gateway timeout":  status(504, ""),
		"request_timeout":  problem(408, "request_timeout"),
		"broken":           problem(400, "bad_request"),
		"other 429":        status(429, "slow down"),
		"cut":              cut,
		"cut in the answer": func(w http.ResponseWriter, r *sent) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(202)
			cut(w, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, answer)
			h := newHarness(t, s, nil)

			h.track(2)
			done := h.flush()
			h.clock.awaitTimer(t, 500*time.Millisecond, time.Second)
			if st := h.Stats(); st.Queued != 2 || st.InFlight != 0 {
				t.Errorf("the counts are %+v", st)
			}
			h.clock.Advance(time.Second)

			if result := h.result(done); result != (FlushResult{Accepted: 2}) {
				t.Errorf("the flush returned %+v", result)
			}
			first, second := s.next(t), s.next(t)
			if join(first.texts(t)) != join(second.texts(t)) {
				t.Error("the events changed between the attempts")
			}
			if first.SentAt == second.SentAt {
				t.Error("the second attempt has the sent_at of the first")
			}
		})
	}
}

func TestSend_BadRequestThreeTimes_IsDivided(t *testing.T) {
	bad := problem(400, "bad_request")
	s := newServer(t, bad, bad, bad)
	h := newHarness(t, s, nil)

	h.track(2)
	h.advanceUntil(h.flush())

	var sizes []string
	for len(s.requests) > 0 {
		sizes = append(sizes, fmt.Sprint(len((<-s.requests).Events)))
	}
	if got := join(sizes); got != "2 2 2 1 1" {
		t.Errorf("the batches have %s events", got)
	}
}
