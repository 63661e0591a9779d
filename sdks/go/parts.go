package segops

import "time"

// parts remembers how a batch was halved, so that the halves are sent one
// after the other. The last part comes first.
type parts []int

// limit returns how many events the next batch may have.
func (p parts) limit(max int) int {
	if len(p) > 0 && p[len(p)-1] < max {
		return p[len(p)-1]
	}
	return max
}

// consume notes that events of the first part were decided.
func (p *parts) consume(events int) {
	for events > 0 && len(*p) > 0 {
		last := len(*p) - 1
		if (*p)[last] > events {
			(*p)[last] -= events
			return
		}
		events -= (*p)[last]
		*p = (*p)[:last]
	}
}

// halve notes that a batch is to be sent in halves.
func (p *parts) halve(events int) {
	p.consume(events)
	*p = append(*p, events/2, events-events/2)
}

// byteLimit is the limit of a body. After a 413 it is smaller for some time.
type byteLimit struct {
	normal   int
	smaller  int
	until    time.Time
	duration time.Duration
}

func (l *byteLimit) at(now time.Time) int {
	if now.Before(l.until) {
		return l.smaller
	}
	return l.normal
}

// lower sets the limit to the larger half of a batch that was too large.
func (l *byteLimit) lower(batch []*item, now time.Time) {
	half := len(batch) - len(batch)/2
	l.smaller = bodySize(batch[:half])
	if second := bodySize(batch[half:]); second > l.smaller {
		l.smaller = second
	}
	l.until = now.Add(l.duration)
}
