package segops

import (
	"context"
	"sync"
	"time"
)

// notifier calls the callbacks and the logger, one at a time and in order,
// from a goroutine that lives while there is something to call.
type notifier struct {
	options *Options
	clock   clock

	mu      sync.Mutex
	pending []func()
	idle    chan struct{} // not nil while the goroutine lives, closed at its end
	limit   logLimit
}

func (n *notifier) drop(d Drop) {
	if n.options.OnDrop != nil {
		n.post(func() { n.options.OnDrop(d) })
	}
	n.log(LogWarn, "event dropped: "+string(d.Reason), "event_id", d.EventID, "status", d.Status, "code", d.Code)
}

func (n *notifier) warning(w Warning) {
	if n.options.OnWarning != nil {
		n.post(func() { n.options.OnWarning(w) })
	}
}

func (n *notifier) failure(e DeliveryError) {
	if n.options.OnError != nil {
		n.post(func() { n.options.OnError(e) })
	}
	n.log(LogError, "delivery stopped: "+e.Message, "status", e.Status, "code", e.Code)
}

// log writes a line. The message is constant, because it is the reason by
// which lines are limited.
func (n *notifier) log(level LogLevel, message string, keysAndValues ...any) {
	if n.options.Logger == nil {
		return
	}
	n.mu.Lock()
	suppressed, ok := n.limit.allow(message, n.clock.Now())
	n.mu.Unlock()
	if !ok {
		return
	}
	if suppressed > 0 {
		keysAndValues = append(keysAndValues, "suppressed", suppressed)
	}
	n.post(func() { n.options.Logger.Log(level, message, keysAndValues...) })
}

func (n *notifier) post(call func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pending = append(n.pending, call)
	if n.idle == nil {
		n.idle = make(chan struct{})
		go n.run(n.idle)
	}
}

func (n *notifier) run(idle chan struct{}) {
	defer close(idle)
	for {
		n.mu.Lock()
		calls := n.pending
		n.pending = nil
		if len(calls) == 0 {
			n.idle = nil
			n.mu.Unlock()
			return
		}
		n.mu.Unlock()
		for i, call := range calls {
			calls[i] = nil // lets the memory of a long backlog go
			n.guard(call)
		}
	}
}

func (n *notifier) guard(call func()) {
	defer func() {
		if recover() != nil {
			n.log(LogError, "a callback or the logger panicked")
		}
	}()
	call()
}

// wait returns when everything was called, or some time after the limit.
func (n *notifier) wait(limit context.Context, grace time.Duration) {
	n.mu.Lock()
	idle := n.idle
	n.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
		return
	case <-limit.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
}
