package segops

import (
	"encoding/json"
	"net/http"
	"time"
)

// verdict is what an answer means for the events of the batch.
type verdict int

const (
	repeat        verdict = iota // keep all, send again later
	delivered                    // accepted, but for those in refused
	partlyRefused                // none accepted, those in refused never will be
	sendPlain                    // keep all, send without compression
	divide                       // keep all, send in halves
	divideBytes                  // the same, and the batch was too large
	badRequest                   // keep all, send again a few times, then divide
	quotaExceeded                // keep all but as many as remain
	misconfigured                // keep all until the configuration is corrected
)

// answer is an answer of the server, or of something before it.
type answer struct {
	verdict   verdict
	status    int // 0 if there was no answer
	code      string
	message   string
	failure   string        // what went wrong without an answer, for the log
	wait      time.Duration // at least so long until the next request
	remaining int
	refused   map[int]eventFault // by place in the batch
	warnings  []eventFault
}

// eventFault is an entry of errors or warnings.
type eventFault struct {
	Index   *int   `json:"index"`
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// document is the JSON of a 202, or the problem details of another answer.
type document struct {
	Accepted  *int         `json:"accepted"`
	Rejected  *int         `json:"rejected"`
	Errors    []eventFault `json:"errors"`
	Warnings  []eventFault `json:"warnings"`
	Code      string       `json:"code"`
	Detail    string       `json:"detail"`
	Remaining int          `json:"remaining"`
}

// readAnswer judges an answer to a batch of so many events.
func readAnswer(r *http.Response, body []byte, events int, compressed bool, now time.Time) answer {
	var doc document
	err := json.Unmarshal(body, &doc)
	a := answer{
		status:    r.StatusCode,
		code:      doc.Code,
		message:   doc.Detail,
		wait:      retryAfter(r.Header, now),
		remaining: doc.Remaining,
		refused:   byPlace(doc.Errors, events),
		warnings:  doc.Warnings,
	}
	if a.remaining < 0 {
		a.remaining = 0
	}
	a.verdict = judge(&a, compressed)
	if r.StatusCode == http.StatusAccepted && err == nil && doc.addsUp(events, len(a.refused)) {
		a.verdict = delivered
		if reset := windowReset(r.Header); reset > a.wait {
			a.wait = reset
		}
	}
	return a
}

// judge judges every answer but a good 202.
func judge(a *answer, compressed bool) verdict {
	switch s := a.status; {
	case s < 300, s >= 500, s == http.StatusRequestTimeout:
		return repeat
	case s < 400, s == 401, s == 403, s == 404, s == 405:
		return misconfigured
	case s == http.StatusTooManyRequests && a.code == "quota_exceeded":
		a.wait = 0 // the start of the next month: the plan may change before
		return quotaExceeded
	case s == http.StatusTooManyRequests:
		return repeat
	case s == http.StatusRequestEntityTooLarge:
		return divideBytes
	case s == http.StatusUnsupportedMediaType && compressed:
		return sendPlain
	case a.code == "validation_failed" && len(a.refused) > 0:
		return partlyRefused
	case a.code == "bad_request":
		return badRequest
	}
	// Some 4xx of a firewall, or a fault of one event that spoils the batch.
	return divide
}

// addsUp reports whether a 202 decides every event. Otherwise a proxy or a
// login page may have sent it.
func (d *document) addsUp(events, refused int) bool {
	return d.Accepted != nil && d.Rejected != nil && *d.Accepted >= 0 &&
		*d.Rejected == refused && *d.Accepted+*d.Rejected == events
}

// byPlace returns the first fault of each event. Faults of the batch have the
// index -1.
func byPlace(faults []eventFault, events int) map[int]eventFault {
	places := make(map[int]eventFault)
	for _, f := range faults {
		if f.Index == nil || *f.Index < 0 || *f.Index >= events {
			continue
		}
		if _, known := places[*f.Index]; !known {
			places[*f.Index] = f
		}
	}
	return places
}
