package segops

import "time"

// clock is the source of time. Tests have one that they advance.
type clock interface {
	Now() time.Time
	// After returns a channel that receives after d, and a function that
	// frees the timer before.
	After(d time.Duration) (<-chan time.Time, func())
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
