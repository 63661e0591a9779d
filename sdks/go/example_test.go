package segops_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	segops "github.com/segops/segops-go"
)

// newServer stands in for https://api.segops.ai in the examples.
func newServer(status int, answer string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	}))
}

func Example() {
	server := newServer(202, `{"accepted": 2, "rejected": 0}`)
	defer server.Close()

	client, err := segops.New("sk_live_...", &segops.Options{APIURL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = client.Track(segops.Event{
		UserID:    "user-123",
		EventType: "order_placed",
		Payload:   map[string]any{"order_id": "ord-456", "total": 89.95, "currency": "USD"},
	})
	_, _ = client.Identify("user-123", map[string]any{"plan": "starter", "country": "US"})

	result, err := client.Shutdown(context.Background())
	fmt.Println(result.Accepted, result.Remaining, err)
	// Output: 2 0 <nil>
}

func ExampleClient_Track_invalid() {
	client, _ := segops.New("sk_live_...", nil)
	defer client.Shutdown(context.Background())

	_, err := client.Track(segops.Event{UserID: "user-123", EventType: "order_placed", Payload: []int{1, 2}})
	fmt.Println(err)
	// Output: segops: invalid event: payload must encode to a JSON object
}

func ExampleOptions_onDrop() {
	server := newServer(202, `{"accepted": 0, "rejected": 1,
		"errors": [{"index": 0, "field": "user_id", "code": "empty", "message": "user_id must not be empty."}]}`)
	defer server.Close()

	client, _ := segops.New("sk_live_...", &segops.Options{
		APIURL: server.URL,
		OnDrop: func(d segops.Drop) { fmt.Println(d.EventType, d.Reason, d.Field, d.Code) },
	})
	_, _ = client.Track(segops.Event{UserID: " ", EventType: "page_viewed"})
	_, _ = client.Shutdown(context.Background())
	// Output: page_viewed rejected user_id empty
}

// On a serverless platform the process can be frozen after an invocation.
func ExampleClient_Flush() {
	server := newServer(202, `{"accepted": 1, "rejected": 0}`)
	defer server.Close()
	client, _ := segops.New("sk_live_...", &segops.Options{APIURL: server.URL})
	defer client.Shutdown(context.Background())

	handle := func(ctx context.Context) {
		_, _ = client.Track(segops.Event{UserID: "user-123", EventType: "search_performed"})
		result, err := client.Flush(ctx)
		fmt.Println(result.Accepted, err)
	}
	handle(context.Background())
	// Output: 1 <nil>
}
