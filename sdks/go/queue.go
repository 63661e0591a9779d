package segops

import (
	"container/list"
	"sync"
	"time"
)

// queue holds the events that are not decided yet, in the order of Track, and
// accounts for all others. An event leaves it only by settle or expire, once.
type queue struct {
	options *Options
	report  func(Drop)    // called with the lock held
	wake    chan struct{} // holds a token when the sender should look again

	mu       sync.Mutex
	items    list.List // of *item
	bytes    int
	inFlight int
	number   uint64
	taken    uint64 // the highest number that was in a batch
	tracked  int64
	accepted int64
	drops    map[DropReason]int64
	waiters  map[*waiter]struct{}
	closed   bool
	deadline time.Time // of the shutdown
}

// fate is what became of events. No reason means accepted.
type fate struct {
	reason  DropReason
	status  int
	code    string
	field   string
	message string
}

func newQueue(options *Options, report func(Drop)) *queue {
	return &queue{
		options: options,
		report:  report,
		wake:    make(chan struct{}, 1),
		drops:   make(map[DropReason]int64),
		waiters: make(map[*waiter]struct{}),
	}
}

// add queues the event, or drops it.
func (q *queue) add(it *item) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tracked++
	switch {
	case q.closed:
		q.drop(it.id, it.eventType, fate{reason: DropClosed})
		return ErrClosed
	case q.items.Len() >= q.options.MaxQueueEvents, q.bytes+len(it.text) > q.options.MaxQueueBytes:
		q.drop(it.id, it.eventType, fate{reason: DropQueueFull})
		return ErrQueueFull
	}
	q.number++
	it.number = q.number
	it.element = q.items.PushBack(it)
	q.bytes += len(it.text)
	// These two change when the sender has to act. It sees the others by itself.
	if queued := q.items.Len() - q.inFlight; queued == 1 || queued == q.options.FlushAt {
		q.signal()
	}
	return nil
}

// refuse drops an event that is invalid.
func (q *queue) refuse(id, eventType string, err *InvalidEventError) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tracked++
	if q.closed {
		q.drop(id, eventType, fate{reason: DropClosed})
		return ErrClosed
	}
	q.drop(id, eventType, fate{reason: err.reason(), code: err.Code, field: err.Field, message: err.Message})
	return err
}

// take marks the next events as in flight: at most max, and of at most
// maxBytes together with their commas, but at least one. Events that failed
// alone as a probe come after all others.
func (q *queue) take(max, maxBytes int) []*item {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.front(max, maxBytes)
	if len(batch) == 0 {
		for e := q.items.Front(); e != nil; e = e.Next() {
			e.Value.(*item).probed = false
		}
		batch = q.front(max, maxBytes)
	}
	for _, it := range batch {
		it.inFlight = true
		if it.number > q.taken {
			q.taken = it.number
		}
	}
	q.inFlight += len(batch)
	return batch
}

func (q *queue) front(max, maxBytes int) []*item {
	var batch []*item
	bytes := 0
	for e := q.items.Front(); e != nil && len(batch) < max; e = e.Next() {
		it := e.Value.(*item)
		if it.probed {
			continue
		}
		bytes += len(it.text) + 1
		if len(batch) > 0 && bytes > maxBytes {
			break
		}
		batch = append(batch, it)
	}
	return batch
}

// putBack makes events that are still undecided ready for another attempt.
func (q *queue) putBack(batch []*item, probed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, it := range batch {
		if it.inFlight {
			it.inFlight = false
			it.probed = probed
			q.inFlight--
		}
	}
}

// putAllBack is putBack for every event in flight.
func (q *queue) putAllBack() { q.putBack(q.all(), false) }

// settle removes the events with their fate. It passes over those that were
// decided before.
func (q *queue) settle(batch []*item, f fate) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, it := range batch {
		q.decide(it, f)
	}
}

// expire drops the queued events that were tracked at the time or before.
func (q *queue) expire(limit time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for e := q.items.Front(); e != nil && !e.Value.(*item).trackedAt.After(limit); e = q.items.Front() {
		q.decide(e.Value.(*item), fate{reason: DropExpired, message: "the event was too old before it could be sent"})
	}
}

// close makes the queue refuse events. Those that it has can be sent until
// the deadline. It returns a waiter for them.
func (q *queue) close(deadline time.Time) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.deadline = true, deadline
	q.signal()
	return q.newWaiter()
}

// abandon drops all events that are left, in flight or not.
func (q *queue) abandon() {
	q.settle(q.all(), fate{reason: DropShutdown, message: "the client was shut down before the event was delivered"})
	q.signal()
}

func (q *queue) all() []*item {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := make([]*item, 0, q.items.Len())
	for e := q.items.Front(); e != nil; e = e.Next() {
		items = append(items, e.Value.(*item))
	}
	return items
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) decide(it *item, f fate) {
	if it.element == nil {
		return
	}
	q.items.Remove(it.element)
	it.element = nil
	q.bytes -= len(it.text)
	if it.inFlight {
		it.inFlight = false
		q.inFlight--
	}
	if f.reason == "" {
		q.accepted++
	} else {
		q.drop(it.id, it.eventType, f)
	}
	for w := range q.waiters {
		w.decided(it, f)
	}
}

func (q *queue) drop(id, eventType string, f fate) {
	q.drops[f.reason]++
	q.report(Drop{
		EventID: id, EventType: eventType, Reason: f.reason,
		Status: f.status, Code: f.code, Field: f.field, Message: f.message,
	})
}
