package segops

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

// trips is a transport made of a function.
type trips func(*http.Request) (*http.Response, error)

func (f trips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSend_TransportFails_IsRepeated(t *testing.T) {
	for name, fail := range map[string]trips{
		"panic":    func(*http.Request) (*http.Response, error) { panic("user-1 " + testKey) },
		"error":    func(*http.Request) (*http.Response, error) { return nil, errors.New("user-1 " + testKey) },
		"nil":      func(*http.Request) (*http.Response, error) { return nil, nil },
		"deadline": func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			calls := 0
			h := newHarness(t, s, func(o *Options) {
				o.RequestTimeout = 50 * time.Millisecond
				o.Transport = trips(func(r *http.Request) (*http.Response, error) {
					if calls++; calls == 1 {
						return fail(r)
					}
					return http.DefaultTransport.RoundTrip(r)
				})
			})

			h.track(1)

			if result := h.advanceUntil(h.flush()); result != (FlushResult{Accepted: 1}) {
				t.Errorf("the flush returned %+v", result)
			}
		})
	}
}

func TestSend_RefusedConnection_IsRepeated(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)
	s.Close()

	h.track(1)
	h.flush()
	h.clock.awaitTimer(t, 500*time.Millisecond, time.Second)

	if st := h.Stats(); st.Queued != 1 {
		t.Errorf("the counts are %+v", st)
	}
}

func TestSend_PanicOfTheSender_DelaysTheEvents(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)
	panics := 1
	take := h.sender.random
	h.sender.backoff.random = func() float64 {
		if panics--; panics == 0 {
			panic("a fault of the sender")
		}
		return take()
	}
	s.answers = []reply{problem(500, "internal_error")}

	h.track(3)

	if result := h.advanceUntil(h.flush()); result != (FlushResult{Accepted: 3}) {
		t.Errorf("the flush returned %+v", result)
	}
}

func TestCallbacks_ThatPanic_BreakNothing(t *testing.T) {
	s := newServer(t, problem(401, "invalid_api_key"))
	h := newHarness(t, s, func(o *Options) {
		o.OnDrop, o.OnError, o.OnWarning = nil, func(DeliveryError) { panic("error") }, func(Warning) { panic("warning") }
		o.Logger = panicLogger{}
	})

	if _, err := h.Track(Event{UserID: "user-1", EventType: "Not Snake"}); err != nil {
		t.Fatal(err)
	}

	if result := h.advanceUntil(h.flush()); result != (FlushResult{Accepted: 1}) {
		t.Errorf("the flush returned %+v", result)
	}
}

type panicLogger struct{}

func (panicLogger) Log(LogLevel, string, ...any) { panic("log") }

func TestOnDrop_ThatTracks_DoesNotDeadlock(t *testing.T) {
	s := newServer(t)
	var h *harness
	again := make(chan string, 1)
	h = newHarness(t, s, func(o *Options) {
		o.OnDrop = func(d Drop) {
			record(h, &h.drops, d)
			id, _ := h.Track(Event{UserID: "user-1", EventType: "event_dropped"})
			again <- id
		}
	})

	_, _ = h.Track(Event{})
	id := <-again
	h.result(h.flush())

	if got := s.next(t).ids(); join(got) != id {
		t.Errorf("sent %v instead of %s", got, id)
	}
}

func TestTrack_ServerHangs_NeverBlocksAndCountsWhatDoesNotFit(t *testing.T) {
	hang := make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *sent) { <-hang; accept(w, r) })
	h := newHarness(t, s, func(o *Options) { o.MaxQueueEvents, o.FlushAt = 1000, 10 })

	full := 0
	for i := 0; i < 2000; i++ {
		if id, err := h.Track(Event{UserID: "user-1", EventType: "test_event"}); errors.Is(err, ErrQueueFull) && id != "" {
			full++
		}
	}
	st := h.Stats()
	close(hang)

	if full != 1000 || st.Drops[DropQueueFull] != 1000 || st.Queued+st.InFlight != 1000 {
		t.Errorf("%d calls failed: %+v", full, st)
	}
	if result := h.result(h.flush()); result.Accepted > 1000 || result.Remaining != 0 {
		t.Errorf("the flush returned %+v", result)
	}
}

func TestTrack_ManyGoroutinesAndFlushes_LosesNothing(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, func(o *Options) { o.MaxQueueEvents = 2000 })
	const goroutines, each = 16, 500

	var all sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < each; i++ {
				_, _ = h.Track(Event{UserID: "user-1", EventType: "test_event", Payload: map[string]any{"n": i}})
				if st := h.Stats(); st.Tracked != st.Accepted+st.Rejected+st.Dropped+st.Queued+st.InFlight {
					t.Errorf("the counts do not add up: %+v", st)
				}
				if i%100 == 0 {
					_, _ = h.Flush(context.Background())
				}
			}
		}()
	}
	all.Wait()
	h.result(h.flush())

	st := h.Stats()
	if st.Tracked != goroutines*each || st.Queued+st.InFlight != 0 {
		t.Errorf("the counts are %+v", st)
	}
	seen := map[string]bool{}
	for len(s.requests) > 0 {
		for _, id := range (<-s.requests).ids() {
			if seen[id] {
				t.Errorf("%s was sent twice", id)
			}
			seen[id] = true
		}
	}
	if int64(len(seen)) != st.Accepted {
		t.Errorf("%d events arrived: %+v", len(seen), st)
	}
	if s.most != 1 {
		t.Errorf("%d requests were in flight at once", s.most)
	}
}
