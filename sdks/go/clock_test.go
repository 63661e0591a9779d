package segops

import (
	"sync"
	"testing"
	"time"
)

// patience bounds waits for conditions. It only matters to failing tests.
const patience = 20 * time.Second

var epoch = time.Date(2026, 11, 30, 12, 0, 0, 123_000_000, time.UTC)

// fakeClock stands still until a test advances it.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*fakeTimer]struct{}
}

type fakeTimer struct {
	at time.Time
	c  chan time.Time
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: epoch, timers: make(map[*fakeTimer]struct{})}
}

func (f *fakeClock) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fakeClock) After(d time.Duration) (<-chan time.Time, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &fakeTimer{at: f.now.Add(d), c: make(chan time.Time, 1)}
	if d <= 0 {
		t.c <- f.now
		return t.c, func() {}
	}
	f.timers[t] = struct{}{}
	return t.c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.timers, t)
	}
}

func (f *fakeClock) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	for t := range f.timers {
		if !t.at.After(f.now) {
			t.c <- f.now
			delete(f.timers, t)
		}
	}
}

// awaitTimer waits until something sleeps for a time in the range from now.
func (f *fakeClock) awaitTimer(t *testing.T, least, most time.Duration) time.Duration {
	t.Helper()
	var found time.Duration
	await(t, "a timer between "+least.String()+" and "+most.String(), func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		for timer := range f.timers {
			if found = timer.at.Sub(f.now); found >= least && found <= most {
				return true
			}
		}
		return false
	})
	return found
}

// await polls, because the conditions are states of other goroutines.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
