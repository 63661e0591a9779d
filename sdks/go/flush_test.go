package segops

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

// begin calls Flush or Shutdown in the background. The function that it
// returns waits for the result.
func (h *harness) begin(call func(context.Context) (FlushResult, error), ctx context.Context) func() (FlushResult, error) {
	var result FlushResult
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		result, err = call(ctx)
	}()
	return func() (FlushResult, error) {
		<-done
		return result, err
	}
}

func TestFlush_Empty_ReturnsAtOnce(t *testing.T) {
	h := newHarness(t, newServer(t), nil)

	result, err := h.Flush(context.Background())

	if result != (FlushResult{}) || err != nil {
		t.Errorf("the flush returned %+v, %v", result, err)
	}
}

func TestFlush_WhileAnotherIsInFlight_CoversLaterEvents(t *testing.T) {
	release := make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *sent) { <-release; accept(w, r) })
	h := newHarness(t, s, nil)

	h.track(2)
	first := h.flush()
	s.next(t)
	h.track(3)
	second := h.flush()
	close(release)

	if result := h.result(first); result != (FlushResult{Accepted: 2}) {
		t.Errorf("the first flush returned %+v", result)
	}
	if result := h.result(second); result != (FlushResult{Accepted: 5}) {
		t.Errorf("the second flush returned %+v", result)
	}
}

func TestFlush_ContextEnds_ReturnsWhatRemains(t *testing.T) {
	s := newServer(t, problem(503, "overloaded", "Retry-After", "600"))
	h := newHarness(t, s, nil)
	ctx, cancel := context.WithCancel(context.Background())

	h.track(2)
	end := h.begin(h.Flush, ctx)
	s.next(t)
	cancel()
	result, err := end()

	if result != (FlushResult{Remaining: 2}) || !errors.Is(err, context.Canceled) {
		t.Errorf("the flush returned %+v, %v", result, err)
	}
}

func TestShutdown_Queued_DeliversAllAndRefusesLaterEvents(t *testing.T) {
	s := newServer(t)
	h := newHarness(t, s, nil)

	h.track(3)
	result, err := h.Shutdown(context.Background())
	id, late := h.Track(Event{UserID: "user-1", EventType: "test_event"})
	_, lateInvalid := h.Track(Event{})
	again, againErr := h.Shutdown(context.Background())

	if result != (FlushResult{Accepted: 3}) || err != nil || again != result || againErr != nil {
		t.Errorf("the shutdown returned %+v, %v, and then %+v, %v", result, err, again, againErr)
	}
	if !errors.Is(late, ErrClosed) || !errors.Is(lateInvalid, ErrClosed) {
		t.Errorf("later calls of Track returned %v and %v", late, lateInvalid)
	}
	if d := h.awaitDrops(2); d[0].Reason != DropClosed || d[0].EventID != id {
		t.Errorf("the drops are %+v", d)
	}
	if stacks := leaked(); stacks != "" {
		t.Errorf("goroutines are left:\n%s", stacks)
	}
}

func TestShutdown_Unused_ReturnsAtOnce(t *testing.T) {
	h := newHarness(t, newServer(t), nil)

	if result, err := h.Shutdown(context.Background()); result != (FlushResult{}) || err != nil {
		t.Errorf("the shutdown returned %+v, %v", result, err)
	}
}

func TestShutdown_ServerHangs_EndsAtItsTimeout(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *sent) { <-r.Context().Done() })
	h := newHarness(t, s, nil)

	h.track(2)
	h.flush()
	s.next(t)
	end := h.begin(h.Shutdown, context.Background())
	h.clock.awaitTimer(t, 10*time.Second, 10*time.Second)
	h.clock.Advance(10 * time.Second)
	result, err := end()

	if result != (FlushResult{Dropped: 2}) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the shutdown returned %+v, %v", result, err)
	}
	if d := recorded(h, &h.drops); len(d) != 2 || d[0].Reason != DropShutdown {
		t.Errorf("when Shutdown returned, the drops were %+v", d)
	}
}

func TestShutdown_ContextEnds_EndsAlthoughTheTransportIgnoresIt(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	s := newServer(t)
	started := make(chan struct{})
	h := newHarness(t, s, func(o *Options) {
		o.Transport = trips(func(*http.Request) (*http.Response, error) {
			close(started)
			<-release
			return nil, errors.New("released")
		})
	})
	ctx, cancel := context.WithCancel(context.Background())

	h.track(2)
	h.flush()
	<-started
	cancel()
	result, err := h.Shutdown(ctx)

	if result != (FlushResult{Dropped: 2}) || !errors.Is(err, context.Canceled) {
		t.Errorf("the shutdown returned %+v, %v", result, err)
	}
}

func TestShutdown_PauseBeyondTheDeadline_EndsAtOnce(t *testing.T) {
	s := newServer(t, problem(429, "rate_limited", "Retry-After", "60"))
	h := newHarness(t, s, nil)

	h.track(2)
	result, err := h.Shutdown(context.Background())

	if result != (FlushResult{Dropped: 2}) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the shutdown returned %+v, %v", result, err)
	}
}

func TestShutdown_ShortPause_WaitsAndDelivers(t *testing.T) {
	s := newServer(t, problem(503, "overloaded", "Retry-After", "3"))
	h := newHarness(t, s, nil)

	h.track(2)
	end := h.begin(h.Shutdown, context.Background())
	h.clock.awaitTimer(t, 3*time.Second, 3*time.Second)
	h.clock.Advance(3 * time.Second)
	result, err := end()

	if result != (FlushResult{Accepted: 2}) || err != nil {
		t.Errorf("the shutdown returned %+v, %v", result, err)
	}
}

func TestDisabled_AnyCall_DoesNothing(t *testing.T) {
	c, err := New("", &Options{Disabled: true, APIURL: "not a URL"})
	if err != nil {
		t.Fatal(err)
	}

	id, err := c.Track(Event{UserID: "user-1", EventType: "test_event"})
	if !isUUID(id) || err != nil {
		t.Errorf("Track returned %q, %v", id, err)
	}
	if r, err := c.Flush(context.Background()); r != (FlushResult{}) || err != nil {
		t.Errorf("Flush returned %+v, %v", r, err)
	}
	if r, err := c.Shutdown(context.Background()); r != (FlushResult{}) || err != nil {
		t.Errorf("Shutdown returned %+v, %v", r, err)
	}
	if s := c.Stats(); s.Tracked != 0 {
		t.Errorf("the counts are %+v", s)
	}
}
