package segops

// Stats are the counts of a [Client] at one moment. Always
//
//	Tracked = Accepted + Rejected + Dropped + Queued + InFlight
type Stats struct {
	Tracked  int64 // calls of Track and Identify
	Accepted int64 // events that the server accepted
	Rejected int64 // events that the server refused
	Dropped  int64 // events that were dropped for other reasons
	Queued   int64 // events that wait
	InFlight int64 // events of the current request

	// Drops has the count of each reason that occurred. Drops[DropRejected]
	// is Rejected; the others add up to Dropped.
	Drops map[DropReason]int64
}

// Stats returns the current counts.
func (c *Client) Stats() Stats {
	if c.options.Disabled {
		return Stats{Drops: map[DropReason]int64{}}
	}
	return c.queue.stats()
}

func (q *queue) stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := Stats{
		Tracked:  q.tracked,
		Accepted: q.accepted,
		Queued:   int64(q.items.Len() - q.inFlight),
		InFlight: int64(q.inFlight),
		Drops:    make(map[DropReason]int64, len(q.drops)),
	}
	for reason, count := range q.drops {
		s.Drops[reason] = count
		if reason == DropRejected {
			s.Rejected = count
		} else {
			s.Dropped += count
		}
	}
	return s
}
