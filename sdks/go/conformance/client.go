package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	segops "github.com/segops/segops-go"
)

// client is a client of the SDK with the name that the runner gave it.
type client struct {
	*segops.Client
	name   string
	driver *driver

	mu     sync.Mutex
	throws map[string]bool
}

type event struct {
	UserID     string     `json:"userId"`
	EventType  string     `json:"eventType"`
	Payload    any        `json:"payload"`
	OccurredAt *time.Time `json:"occurredAt"`
	EventID    string     `json:"eventId"`
}

func (e event) segops(payload any) segops.Event {
	out := segops.Event{UserID: e.UserID, EventType: e.EventType, Payload: payload, EventID: e.EventID}
	if e.OccurredAt != nil {
		out.OccurredAt = *e.OccurredAt
	}
	return out
}

func (c *client) do(cmd command) (map[string]any, error) {
	switch cmd.Op {
	case "track":
		return c.track(cmd), nil
	case "identify":
		id, _ := c.Identify(cmd.UserID, cmd.Traits)
		return map[string]any{"ids": []string{id}}, nil
	case "mutate":
		id, _ := c.Track(cmd.Event.segops(cmd.Event.Payload))
		payload, _ := cmd.Event.Payload.(map[string]any)
		for name, value := range cmd.Mutation {
			payload[name] = value
		}
		return map[string]any{"ids": []string{id}}, nil
	case "flush":
		return c.wait(cmd.TimeoutMs, c.Flush), nil
	case "shutdown":
		return c.wait(cmd.TimeoutMs, c.Shutdown), nil
	case "stats":
		s := c.Stats()
		return map[string]any{"stats": map[string]any{
			"tracked": s.Tracked, "accepted": s.Accepted, "rejected": s.Rejected, "dropped": s.Dropped,
			"queued": s.Queued, "in_flight": s.InFlight, "drops": s.Drops,
		}}, nil
	case "throw_in_callback":
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, kind := range cmd.On {
			c.throws[kind] = true
		}
		return map[string]any{"ok": true}, nil
	}
	return nil, fmt.Errorf("unknown command %q", cmd.Op)
}

// track calls Track as often as the command says, from as many goroutines.
func (c *client) track(cmd command) map[string]any {
	repeat, threads := atLeastOne(cmd.Repeat), atLeastOne(cmd.Threads)
	ids, longest := make([]string, repeat), make([]time.Duration, threads)
	var all sync.WaitGroup
	for t := 0; t < threads; t++ {
		all.Add(1)
		go func(t int) {
			defer all.Done()
			for n := t; n < repeat; n += threads {
				e := cmd.Event.segops(numbered(cmd.Event.Payload, n, repeat))
				started := time.Now()
				ids[n], _ = c.Track(e)
				if took := time.Since(started); took > longest[t] {
					longest[t] = took
				}
			}
		}(t)
	}
	all.Wait()
	for _, took := range longest {
		if took > longest[0] {
			longest[0] = took
		}
	}
	return map[string]any{"ids": ids, "max_call_us": longest[0].Microseconds()}
}

// numbered returns a copy of the payload with the member n, if there are
// several events.
func numbered(payload any, n, repeat int) any {
	members, ok := payload.(map[string]any)
	if repeat == 1 || (payload != nil && !ok) {
		return payload
	}
	out := make(map[string]any, len(members)+1)
	for name, value := range members {
		out[name] = value
	}
	out["n"] = n
	return out
}

func (c *client) wait(timeoutMs *int, call func(context.Context) (segops.FlushResult, error)) map[string]any {
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if timeoutMs != nil {
		ctx, cancel = context.WithTimeout(ctx, milliseconds(*timeoutMs))
	}
	defer cancel()
	started := time.Now()
	r, _ := call(ctx) // the counts tell the same
	return map[string]any{
		"accepted": r.Accepted, "rejected": r.Rejected, "dropped": r.Dropped, "remaining": r.Remaining,
		"elapsed_ms": time.Since(started).Milliseconds(),
	}
}

func atLeastOne(n int) int {
	if n < 1 {
		return 1
	}
	return n
}
