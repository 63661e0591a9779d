package segops

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// Version is the version of this package.
const Version = "0.1.0"

const (
	batchPath        = "/api/ingestion/track/batch/"
	minCompressBytes = 1 << 10
	maxAnswerBytes   = 8 << 20 // 500 events with several errors each take under 1 MiB
)

// gzipRefused turns compression off in the process: what refuses it is most
// likely a proxy on the way of every client.
var gzipRefused atomic.Bool

// wire makes one attempt to send a batch.
type wire struct {
	options *Options
	key     string
	clock   clock
	trip    http.RoundTripper
	own     *http.Transport // nil if the transport is the caller's
	context context.Context
	abort   context.CancelFunc // ends the request in flight and all later ones
}

func newWire(key string, options *Options, clock clock) *wire {
	w := &wire{options: options, key: key, clock: clock, trip: options.Transport}
	w.context, w.abort = context.WithCancel(context.Background())
	if w.trip == nil {
		w.own = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second}
		w.trip = w.own
	}
	return w
}

func (w *wire) close() {
	if w.own != nil {
		w.own.CloseIdleConnections()
	}
}

// send posts the batch. It never panics: whatever goes wrong in the transport
// is an answer to repeat.
func (w *wire) send(batch []*item) (a answer) {
	defer func() {
		if recover() != nil {
			a = answer{verdict: repeat, failure: "the transport panicked"}
		}
	}()
	ctx, cancel := context.WithTimeout(w.context, w.options.RequestTimeout)
	defer cancel()
	request, err := w.request(ctx, batchBody(batch, w.clock.Now()))
	if err != nil {
		return answer{verdict: repeat, failure: "the request could not be made"}
	}
	response, err := w.trip.RoundTrip(request) // unlike http.Client it follows no redirects
	if err != nil {
		return answer{verdict: repeat, failure: failureName(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return answer{verdict: repeat, status: response.StatusCode, failure: failureName(err)}
	}
	return readAnswer(response, body, len(batch), request.Header.Get("Content-Encoding") != "", w.clock.Now())
}

func (w *wire) request(ctx context.Context, body []byte) (*http.Request, error) {
	compressed := false
	if !w.options.DisableGzip && !gzipRefused.Load() && len(body) >= minCompressBytes {
		if smaller, err := compress(body); err == nil {
			body, compressed = smaller, true
		} else {
			gzipRefused.Store(true)
		}
	}
	url := strings.TrimRight(w.options.APIURL, "/") + batchPath
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "ApiKey "+w.key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", userAgent)
	if compressed {
		request.Header.Set("Content-Encoding", "gzip")
	}
	return request, nil
}

var userAgent = fmt.Sprintf("segops-go/%s (%s; %s)", Version, strings.ReplaceAll(runtime.Version(), " ", "-"), runtime.GOOS)

const (
	bodyStart  = `{"sent_at":"`
	bodyMiddle = `","events":[`
	bodyEnd    = `]}`
)

// bodySize returns the length of the body without building it.
func bodySize(batch []*item) int {
	size := emptyBodySize - 1 // no comma after the last event
	for _, it := range batch {
		size += len(it.text) + 1
	}
	return size
}

const emptyBodySize = len(bodyStart) + len(timeFormat) + len(bodyMiddle) + len(bodyEnd)

func batchBody(batch []*item, now time.Time) []byte {
	body := make([]byte, 0, bodySize(batch))
	body = append(body, bodyStart...)
	body = now.UTC().AppendFormat(body, timeFormat)
	body = append(body, bodyMiddle...)
	for i, it := range batch {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, it.text...)
	}
	return append(body, bodyEnd...)
}

func compress(body []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err == nil {
		_, err = z.Write(body)
	}
	if err == nil {
		err = z.Close()
	}
	return out.Bytes(), err
}

// failureName names a failed exchange for the log. The text of an error is
// never logged, because a transport may put anything into it.
func failureName(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &dns):
		return "name resolution failed"
	case errors.As(err, &op) && op.Op == "dial":
		return "no connection"
	}
	return "connection broken"
}
