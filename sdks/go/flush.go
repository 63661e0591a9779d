package segops

import (
	"context"
	"time"
)

// A FlushResult says what became of the events that were tracked before a
// flush and undecided at its beginning.
type FlushResult struct {
	Accepted  int // accepted by the server
	Rejected  int // refused by the server, and reported as [DropRejected]
	Dropped   int // dropped for other reasons
	Remaining int // still undecided
}

// Flush sends the events that were tracked before the call, without waiting
// for more. It returns when all of them are decided, or ctx ends: then it
// returns ctx.Err() and the rest stays in the queue. Flush respects the
// pauses that the server asked for and those after failures.
//
// Several calls can run at once. They share the requests.
func (c *Client) Flush(ctx context.Context) (FlushResult, error) {
	if c.options.Disabled {
		return FlushResult{}, nil
	}
	w := c.queue.wait()
	var err error
	select {
	case <-w.done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	result := c.queue.leave(w)
	if result.Remaining == 0 {
		err = nil
	}
	return result, err
}

// Shutdown refuses further events, sends those that are queued and stops the
// client. It ends when ctx does, or after [Options.ShutdownTimeout] if ctx has
// no deadline: then the request in flight is aborted, the undelivered events
// are dropped with [DropShutdown], and the error is that of ctx or
// [context.DeadlineExceeded]. It ends at once if the server asked for a pause
// beyond that time. The callbacks for all drops are made before it returns,
// unless they block.
//
// Later calls wait for the first and return the same.
func (c *Client) Shutdown(ctx context.Context) (FlushResult, error) {
	if c.options.Disabled {
		return FlushResult{}, nil
	}
	c.shutdown.Do(func() { c.stop(ctx) })
	return c.stopResult, c.stopErr
}

// callbackGrace is how long Shutdown waits for callbacks after its limit.
const callbackGrace = time.Second

func (c *Client) stop(ctx context.Context) {
	timeout := c.options.ShutdownTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = time.Until(deadline)
	}
	w := c.queue.close(c.clock.Now().Add(timeout))
	limit, cancel := c.withTimeout(ctx, timeout)
	defer cancel()
	select {
	case <-c.sender.done:
	case <-limit.Done():
	}
	c.sender.wire.abort()
	c.queue.abandon()
	c.stopResult = c.queue.leave(w)
	if c.queue.stats().Drops[DropShutdown] > 0 {
		c.stopErr = context.DeadlineExceeded
		if err := ctx.Err(); err != nil {
			c.stopErr = err
		}
	}
	c.notices.wait(limit, callbackGrace)
	c.sender.wire.close()
}

// withTimeout is context.WithTimeout by the client's clock.
func (c *Client) withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	limit, cancel := context.WithCancel(ctx)
	expired, release := c.clock.After(timeout)
	go func() {
		defer release()
		select {
		case <-expired:
			cancel()
		case <-limit.Done():
		}
	}()
	return limit, cancel
}

// waiter counts what becomes of the events up to a number. The queue's lock
// guards it.
type waiter struct {
	last   uint64
	result FlushResult
	done   chan struct{} // closed when nothing remains
}

// wait makes a waiter for the undecided events, and has them sent.
func (q *queue) wait() *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.signal()
	return q.newWaiter()
}

func (q *queue) newWaiter() *waiter {
	w := &waiter{last: q.number, done: make(chan struct{})}
	w.result.Remaining = q.items.Len()
	if w.result.Remaining == 0 {
		close(w.done)
	} else {
		q.waiters[w] = struct{}{}
	}
	return w
}

func (q *queue) leave(w *waiter) FlushResult {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.waiters, w)
	return w.result
}

func (w *waiter) decided(it *item, f fate) {
	if it.number > w.last {
		return
	}
	switch f.reason {
	case "":
		w.result.Accepted++
	case DropRejected:
		w.result.Rejected++
	default:
		w.result.Dropped++
	}
	if w.result.Remaining--; w.result.Remaining == 0 {
		close(w.done)
	}
}
