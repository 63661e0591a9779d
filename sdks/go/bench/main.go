// Command bench measures Track in the caller's goroutine beside a bare JSON
// serialisation of the same event, and how fast a queue drains into a server
// on this machine. It prints a table.
//
//	go run ./bench
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sort"
	"time"

	segops "github.com/segops/segops-go"
)

const events = 100_000

// event is the example of the documentation.
var event = segops.Event{
	UserID:    "user-123",
	EventType: "order_placed",
	Payload:   map[string]any{"order_id": "ord-456", "total": 89.95, "currency": "USD"},
}

func main() {
	server := httptest.NewServer(http.HandlerFunc(accept))
	defer server.Close()

	fmt.Printf("%s, %d CPUs, %d events each\n\n", runtime.Version(), runtime.NumCPU(), events)
	fmt.Printf("%-42s %10s %10s %10s\n", "per call", "median", "p99", "max")
	row("json.Marshal of the event", measure(serialise))
	before := memory()
	client := newClient(server.URL)
	row("Track, nothing is sent meanwhile", measure(func() { track(client) }))
	held := memory() - before
	fmt.Printf("\nheap of %d queued events: %.1f MiB\n", events, float64(held)/(1<<20))
	drain(client)
}

// newClient makes a client that sends nothing before a flush.
func newClient(url string) *segops.Client {
	client, err := segops.New("sk_test_bench", &segops.Options{
		APIURL: url, FlushAt: 10 * events, FlushInterval: time.Hour, MaxQueueEvents: 10 * events, MaxQueueBytes: 1 << 30,
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func track(client *segops.Client) {
	if _, err := client.Track(event); err != nil {
		log.Fatal(err)
	}
}

func serialise() {
	if _, err := json.Marshal(serialised{
		"01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41", event.UserID, event.EventType, "2026-11-30T12:00:00.000Z", event.Payload,
	}); err != nil {
		log.Fatal(err)
	}
}

// serialised is the event as the API takes it.
type serialised struct {
	EventID    string `json:"event_id"`
	UserID     string `json:"user_id"`
	EventType  string `json:"event_type"`
	OccurredAt string `json:"occurred_at"`
	Payload    any    `json:"payload"`
}

// measure returns the sorted times of the calls.
func measure(call func()) []time.Duration {
	times := make([]time.Duration, events)
	for i := range times {
		started := time.Now()
		call()
		times[i] = time.Since(started)
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	return times
}

func row(name string, times []time.Duration) {
	fmt.Printf("%-42s %10v %10v %10v\n", name, times[len(times)/2], times[len(times)*99/100], times[len(times)-1])
}

func drain(client *segops.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	started := time.Now()
	result, err := client.Shutdown(ctx)
	took := time.Since(started)
	if err != nil || result.Accepted != events {
		log.Fatalf("%d events were accepted: %v", result.Accepted, err)
	}
	fmt.Printf("drain over one connection: %v, %.0f events/s\n", took.Round(time.Millisecond), events/took.Seconds())
}

// memory returns the bytes of the heap that are in use.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// accept reads a batch as the server does and accepts it.
func accept(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, "not gzip", http.StatusBadRequest)
			return
		}
		body = z
	}
	var batch struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := json.NewDecoder(body).Decode(&batch); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, `{"accepted":%d,"rejected":0}`, len(batch.Events))
}
