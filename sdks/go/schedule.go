package segops

import "time"

// step is what the sender does next.
type step int

const (
	stepSleep step = iota
	stepSend
	stepEnd
)

// next returns what to do, and until when to sleep. The zero time means until
// the queue wakes the sender.
func (q *queue) next(now, pausedUntil time.Time) (step, time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	head := q.items.Front()
	if head == nil {
		if q.closed {
			return stepEnd, time.Time{}
		}
		return stepSleep, time.Time{}
	}
	oldest := head.Value.(*item)
	expiry := oldest.trackedAt.Add(q.options.MaxEventAge)
	if now.Before(pausedUntil) {
		if q.closed && pausedUntil.After(q.deadline) {
			return stepEnd, time.Time{}
		}
		return stepSleep, earlier(pausedUntil, expiry)
	}
	due := oldest.trackedAt.Add(q.options.FlushInterval)
	// What was in a batch once does not wait for a trigger again.
	if q.closed || oldest.number <= q.taken || q.items.Len() >= q.options.FlushAt || !now.Before(due) || q.awaited(oldest) {
		return stepSend, time.Time{}
	}
	return stepSleep, earlier(due, expiry)
}

// awaited reports whether a flush waits for the event.
func (q *queue) awaited(it *item) bool {
	for w := range q.waiters {
		if it.number <= w.last {
			return true
		}
	}
	return false
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
