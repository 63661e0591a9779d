package segops

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTrack_OneEvent_IsSentAsTheServerExpects(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)

	id, err := h.Track(Event{UserID: "user-1", EventType: "order_placed", Payload: map[string]any{"total": 89.95}})
	if err != nil {
		t.Fatal(err)
	}
	h.clock.awaitTimer(t, 5*time.Second, 5*time.Second)
	h.clock.Advance(5 * time.Second)

	r := s.next(t)
	if r.Method != "POST" || r.URL.Path != "/api/ingestion/track/batch/" {
		t.Errorf("the request is %s %s", r.Method, r.URL.Path)
	}
	for name, value := range map[string]string{
		"Authorization": "ApiKey " + testKey, "Content-Type": "application/json", "Content-Encoding": "",
	} {
		if r.Header.Get(name) != value {
			t.Errorf("%s is %q", name, r.Header.Get(name))
		}
	}
	if !regexp.MustCompile(`^segops-go/\d+\.\d+\.\d+ \(go[^;]+; \w+\)$`).MatchString(r.UserAgent()) {
		t.Errorf("User-Agent is %q", r.UserAgent())
	}
	if len(r.Events) != 1 || r.Events[0].EventID != id || r.Events[0].UserID != "user-1" || r.Events[0].EventType != "order_placed" {
		t.Errorf("the body is %s", r.raw)
	}
	if got := r.Events[0].OccurredAt; got != "2026-11-30T12:00:00.123Z" {
		t.Errorf("occurred_at is %s", got)
	}
	if r.SentAt != "2026-11-30T12:00:05.123Z" {
		t.Errorf("sent_at is %s", r.SentAt)
	}
	if string(r.Events[0].Payload) != `{"total":89.95}` {
		t.Errorf("payload is %s", r.Events[0].Payload)
	}
	h.awaitStats("the acceptance", func(s Stats) bool { return s.Accepted == 1 })
}

func TestIdentify_Traits_AreThePayloadOfContextIdentified(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)

	if _, err := h.Identify("user-1", map[string]any{"plan": "starter"}); err != nil {
		t.Fatal(err)
	}
	h.result(h.flush())

	r := s.next(t)
	if r.Events[0].EventType != "context_identified" || string(r.Events[0].Payload) != `{"plan":"starter"}` {
		t.Errorf("the body is %s", r.raw)
	}
}

func TestTrack_FlushAtEvents_SendsWithoutWaiting(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, func(o *Options) { o.FlushAt = 3 })

	ids := h.track(3)

	if got := s.next(t).ids(); join(got) != join(ids) {
		t.Errorf("sent %v instead of %v", got, ids)
	}
}

func TestTrack_IntervalOfTheOldestEvent_SendsAllQueued(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)

	h.track(1)
	h.clock.awaitTimer(t, 5*time.Second, 5*time.Second)
	h.clock.Advance(3 * time.Second)
	h.track(1)
	s.none(t)
	h.clock.awaitTimer(t, 2*time.Second, 2*time.Second)
	h.clock.Advance(2 * time.Second)

	if got := len(s.next(t).Events); got != 2 {
		t.Errorf("%d events were sent", got)
	}
}

func TestTrack_PayloadChangedLater_SendsTheFormerValue(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)
	payload := map[string]any{"plan": "starter"}

	if _, err := h.Track(Event{UserID: "user-1", EventType: "plan_chosen", Payload: payload}); err != nil {
		t.Fatal(err)
	}
	payload["plan"] = "business"
	h.result(h.flush())

	if got := string(s.next(t).Events[0].Payload); got != `{"plan":"starter"}` {
		t.Errorf("payload is %s", got)
	}
}

func TestTrack_Backlog_FillsBatchesInOrder(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, func(o *Options) { o.FlushAt = 10_000 })

	ids := h.track(1200)
	h.result(h.flush())

	var got []string
	for _, events := range []int{500, 500, 200} {
		r := s.next(t)
		if len(r.Events) != events {
			t.Errorf("a batch has %d events instead of %d", len(r.Events), events)
		}
		got = append(got, r.ids()...)
	}
	if join(got) != join(ids) {
		t.Error("the order is not that of Track")
	}
	if s.most != 1 {
		t.Errorf("%d requests were in flight at once", s.most)
	}
}

func TestTrack_LargeEvents_AreSplitByBytes(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, func(o *Options) { o.FlushAt, o.MaxBatchBytes = 10_000, 100_000 })
	payload := json.RawMessage(`{"text":"` + strings.Repeat("x", 30_000) + `"}`)

	for i := 0; i < 10; i++ {
		if _, err := h.Track(Event{UserID: "user-1", EventType: "large_event", Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}
	h.result(h.flush())

	for _, events := range []int{3, 3, 3, 1} {
		r := s.next(t)
		if len(r.Events) != events || len(r.raw) > 100_000 {
			t.Errorf("a batch has %d events and %d bytes", len(r.Events), len(r.raw))
		}
	}
}

func TestTrack_LargeBody_IsCompressed(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)

	h.track(20)
	h.result(h.flush())

	if got := s.next(t).Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("Content-Encoding is %q", got)
	}
}

func TestTrack_DisableGzip_SendsPlain(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, func(o *Options) { o.DisableGzip = true })

	h.track(20)
	h.result(h.flush())

	if got := s.next(t).Header.Get("Content-Encoding"); got != "" {
		t.Errorf("Content-Encoding is %q", got)
	}
}

func TestTrack_NotSnakeCase_WarnsOnce(t *testing.T) {
	s := newServer(t, status(202, `{"accepted":1,"rejected":0,"warnings":[
		{"index":0,"field":"event_type","code":"event_type_not_snake_case","message":"m"}]}`))
	h := newHarness(t, s, nil)

	id, err := h.Track(Event{UserID: "user-1", EventType: "Order Placed"})
	if err != nil {
		t.Fatal(err)
	}
	h.result(h.flush())
	h.awaitCallbacks()

	warnings := recorded(h, &h.warnings)
	if len(warnings) != 1 || warnings[0].EventID != id || warnings[0].Code != "event_type_not_snake_case" {
		t.Errorf("the warnings are %+v", warnings)
	}
}
