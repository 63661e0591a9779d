package segops

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// harness is a client with a fake clock, a server and recorded callbacks.
type harness struct {
	*Client
	t      *testing.T
	server *server
	clock  *fakeClock

	mu       sync.Mutex
	drops    []Drop
	errors   []DeliveryError
	warnings []Warning
	logs     []string
}

// newHarness makes a client of the server. The change, if not nil, sets
// further options.
func newHarness(t *testing.T, s *server, change func(*Options)) *harness {
	t.Helper()
	h := &harness{t: t, server: s, clock: newFakeClock()}
	o := &Options{
		APIURL:    s.URL,
		Logger:    h,
		OnDrop:    func(d Drop) { record(h, &h.drops, d) },
		OnError:   func(e DeliveryError) { record(h, &h.errors, e) },
		OnWarning: func(w Warning) { record(h, &h.warnings, w) },
	}
	if change != nil {
		change(o)
	}
	c, err := newClient(testKey, o, h.clock)
	if err != nil {
		t.Fatal(err)
	}
	h.Client = c
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, _ = c.Shutdown(ctx)
		gzipRefused.Store(false)
		h.balanced()
	})
	return h
}

func record[T any](h *harness, list *[]T, value T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*list = append(*list, value)
}

// recorded returns a copy of a list of the harness.
func recorded[T any](h *harness, list *[]T) []T {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]T(nil), *list...)
}

func (h *harness) Log(level LogLevel, message string, keysAndValues ...any) {
	record(h, &h.logs, level.String()+" "+message+" "+fmt.Sprint(keysAndValues...))
}

// track queues events with the payload {"n": i}.
func (h *harness) track(count int) []string {
	h.t.Helper()
	var ids []string
	for i := 0; i < count; i++ {
		id, err := h.Track(Event{UserID: "user-1", EventType: "test_event", Payload: map[string]any{"n": i}})
		if err != nil {
			h.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// flush flushes in the background. The channel receives the result.
func (h *harness) flush() <-chan FlushResult {
	done := make(chan FlushResult, 1)
	before := h.flushes()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		r, _ := h.Flush(ctx)
		done <- r
	}()
	await(h.t, "the flush to begin", func() bool { return h.flushes() > before || len(done) > 0 })
	return done
}

func (h *harness) flushes() int {
	h.queue.mu.Lock()
	defer h.queue.mu.Unlock()
	return len(h.queue.waiters)
}

// result waits for the end of a flush.
func (h *harness) result(done <-chan FlushResult) FlushResult {
	h.t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(patience):
		h.t.Fatal("the flush did not end")
		return FlushResult{}
	}
}

// awaitDrops waits for so many drops and returns them.
func (h *harness) awaitDrops(count int) []Drop {
	h.t.Helper()
	await(h.t, fmt.Sprintf("%d drops", count), func() bool { return len(recorded(h, &h.drops)) >= count })
	return recorded(h, &h.drops)
}

func (h *harness) awaitStats(what string, condition func(Stats) bool) Stats {
	h.t.Helper()
	await(h.t, what, func() bool { return condition(h.Stats()) })
	return h.Stats()
}

// awaitCallbacks waits until everything posted so far was called.
func (h *harness) awaitCallbacks() {
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	h.notices.wait(limit, 0)
}

// balanced checks that the counts add up and that each loss had one drop.
func (h *harness) balanced() {
	h.t.Helper()
	s := h.Stats()
	if s.Tracked != s.Accepted+s.Rejected+s.Dropped+s.Queued+s.InFlight {
		h.t.Errorf("the counts do not add up: %+v", s)
	}
	h.awaitCallbacks()
	if drops := int64(len(recorded(h, &h.drops))); drops != s.Rejected+s.Dropped && h.options.OnDrop != nil {
		h.t.Errorf("%d drops were reported: %+v", drops, s)
	}
	for _, line := range recorded(h, &h.logs) {
		if strings.Contains(line, "user-1") || strings.Contains(line, testKey) {
			h.t.Errorf("a log line has personal data or the key: %s", line)
		}
	}
}

// TestMain checks after all tests that no client left a goroutine.
func TestMain(m *testing.M) {
	code := m.Run()
	if stacks := leaked(); code == 0 && stacks != "" {
		fmt.Println("goroutines are left:\n" + stacks)
		code = 1
	}
	os.Exit(code)
}

// leaked returns the stacks of the goroutines that clients own, after they
// had time to end.
func leaked() string {
	var left []string
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		buffer := make([]byte, 1<<20)
		left = nil
		for _, stack := range strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n") {
			if strings.Contains(stack, "(*sender).run") || strings.Contains(stack, "(*notifier).run") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Now().After(end) {
			return strings.Join(left, "\n\n")
		}
	}
}
