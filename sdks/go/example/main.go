// Command example tracks an order and sets a trait. Start the server with
// dotnet run --project SegOps.AppHost, and then run this program:
//
//	go run ./example
//
// SEGOPS_API_URL and SEGOPS_API_KEY name another server and key.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	segops "github.com/segops/segops-go"
)

func main() {
	client, err := segops.New(
		environment("SEGOPS_API_KEY", "sk_live_DemoFree0000000000000000000000001Qa6Fg"),
		&segops.Options{
			APIURL:    environment("SEGOPS_API_URL", "http://localhost:8080"),
			OnDrop:    func(d segops.Drop) { log.Printf("event %s was dropped: %s %s", d.EventID, d.Reason, d.Code) },
			OnError:   func(e segops.DeliveryError) { log.Print(e) },
			OnWarning: func(w segops.Warning) { log.Printf("event %s: %s", w.EventID, w.Message) },
		})
	if err != nil {
		log.Fatal(err)
	}

	// OnDrop reports events that are not queued, so the error needs no check here.
	order, _ := client.Track(segops.Event{
		UserID:    "user-123",
		EventType: "order_placed",
		Payload:   map[string]any{"order_id": "ord-456", "total": 89.95, "currency": "USD"},
	})
	traits, _ := client.Identify("user-123", map[string]any{"plan": "starter", "company": "Acme Corp", "country": "US"})

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	result, err := client.Shutdown(ctx)
	fmt.Printf("event ids: %s %s\naccepted: %d, rejected: %d, dropped: %d\n",
		order, traits, result.Accepted, result.Rejected, result.Dropped)
	if err != nil {
		log.Fatal("not everything was delivered: ", err)
	}
}

func environment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
