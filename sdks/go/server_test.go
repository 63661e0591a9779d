package segops

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const testKey = "sk_test_KeyOfTheTests"

// server plays the ingestion API on a loopback socket. Each request takes the
// next of the scripted answers; without one it is accepted.
type server struct {
	*httptest.Server
	requests chan *sent

	mu      sync.Mutex
	answers []reply
	open    int
	most    int // requests at the same time
}

// sent is a request that the server received.
type sent struct {
	*http.Request
	raw    []byte // after decompression
	SentAt string `json:"sent_at"`
	Events []struct {
		EventID    string          `json:"event_id"`
		UserID     string          `json:"user_id"`
		EventType  string          `json:"event_type"`
		OccurredAt string          `json:"occurred_at"`
		Payload    json.RawMessage `json:"payload"`
	} `json:"events"`
}

// reply answers a request.
type reply func(w http.ResponseWriter, r *sent)

func newServer(t *testing.T, answers ...reply) *server {
	t.Helper()
	s := &server{requests: make(chan *sent, 10_000), answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer := accept
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	if s.open++; s.open > s.most {
		s.most = s.open
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
	}()
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(r.Body); err != nil {
			panic(err)
		}
	}
	got := &sent{Request: r}
	got.raw, _ = io.ReadAll(body)
	if err := json.Unmarshal(got.raw, got); err != nil {
		panic(err)
	}
	s.requests <- got
	answer(w, got)
}

// next waits for a request.
func (s *server) next(t *testing.T) *sent {
	t.Helper()
	select {
	case r := <-s.requests:
		return r
	case <-time.After(patience):
		t.Fatal("no request came")
		return nil
	}
}

// none fails the test if a request came that it did not take.
func (s *server) none(t *testing.T) {
	t.Helper()
	select {
	case r := <-s.requests:
		t.Fatalf("a request of %d events came", len(r.Events))
	default:
	}
}

func accept(w http.ResponseWriter, r *sent) {
	write(w, 202, fmt.Sprintf(`{"accepted":%d,"rejected":0,"errors":[],"warnings":[]}`, len(r.Events)))
}

// status answers with a status, a JSON body and pairs of header and value.
func status(code int, body string, headers ...string) reply {
	return func(w http.ResponseWriter, _ *sent) { write(w, code, body, headers...) }
}

// withHeader accepts with a header.
func withHeader(name, value string) reply {
	return func(w http.ResponseWriter, r *sent) {
		w.Header().Set(name, value)
		accept(w, r)
	}
}

// problem answers with problem details that have a code.
func problem(status int, code string, headers ...string) reply {
	return func(w http.ResponseWriter, _ *sent) { write(w, status, `{"code":"`+code+`"}`, headers...) }
}

// cut breaks the connection without an answer.
func cut(http.ResponseWriter, *sent) { panic(http.ErrAbortHandler) }

func write(w http.ResponseWriter, status int, body string, headers ...string) {
	for i := 0; i < len(headers); i += 2 {
		w.Header().Set(headers[i], headers[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// ids returns the ids of the events, in order.
func (r *sent) ids() []string {
	var ids []string
	for _, e := range r.Events {
		ids = append(ids, e.EventID)
	}
	return ids
}

// texts returns the JSON text of each event as it was sent.
func (r *sent) texts(t *testing.T) []string {
	t.Helper()
	var raw struct{ Events []json.RawMessage }
	if err := json.Unmarshal(r.raw, &raw); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, e := range raw.Events {
		texts = append(texts, string(bytes.TrimSpace(e)))
	}
	return texts
}

func join(texts []string) string { return strings.Join(texts, " ") }
