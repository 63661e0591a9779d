package segops

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// backoff makes the waits after failures in a row.
type backoff struct {
	base, max time.Duration
	random    func() float64 // in [0, 1)
	failures  int
}

// next returns a wait between d/2 and d, where d doubles up to the maximum.
func (b *backoff) next() time.Duration {
	d := b.base
	for i := 0; i < b.failures && d < b.max; i++ {
		d *= 2
	}
	if d > b.max {
		d = b.max
	}
	b.failures++
	return d/2 + time.Duration(b.random()*float64(d-d/2))
}

func (b *backoff) reset() { b.failures = 0 }

// farthest bounds times that servers name, so that they fit a Duration.
const farthest = 100 * 365 * 24 * time.Hour

// retryAfter returns the wait that the header asks for, 0 if it does not.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if wait, ok := parseSeconds(value); ok {
		return wait
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	// The server's clock set the date, and this one may differ.
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	if at.Before(now) {
		return 0
	}
	return at.Sub(now)
}

// windowReset returns how long the server takes no further call, from a
// header such as
//
//	RateLimit: "minute";r=0;t=42, "month";r=499000;t=551957
//
// The month of a plan and the day of a test key count events. If they are
// used up, the next answer says so.
func windowReset(h http.Header) time.Duration {
	var longest time.Duration
	for _, value := range h.Values("RateLimit") {
		for _, policy := range strings.Split(value, ",") {
			parameters := strings.Split(policy, ";")
			name := strings.Trim(strings.TrimSpace(parameters[0]), `"`)
			if name == "month" || name == "day" {
				continue
			}
			usedUp, reset := false, time.Duration(0)
			for _, parameter := range parameters[1:] {
				switch key, number, _ := strings.Cut(strings.TrimSpace(parameter), "="); key {
				case "r":
					usedUp = number == "0"
				case "t":
					reset, _ = parseSeconds(number)
				}
			}
			if usedUp && reset > longest {
				longest = reset
			}
		}
	}
	return longest
}

func parseSeconds(text string) (time.Duration, bool) {
	seconds, err := strconv.ParseUint(text, 10, 64)
	if err != nil && (text == "" || strings.Trim(text, "0123456789") != "") {
		return 0, false
	}
	if seconds > uint64(farthest/time.Second) {
		return farthest, true
	}
	return time.Duration(seconds) * time.Second, true
}
