// Package segops sends product events to SegOps.
//
// A [Client] queues events in memory and sends them in batches, with one
// request at a time, from a goroutine of its own. [Client.Track] never waits
// and does no I/O:
//
//	client, err := segops.New(os.Getenv("SEGOPS_API_KEY"), nil)
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer client.Shutdown(context.Background())
//
//	client.Track(segops.Event{
//		UserID:    "user-123",
//		EventType: "order_placed",
//		Payload:   map[string]any{"total": 89.95, "currency": "USD"},
//	})
//
// # Delivery
//
// An event leaves the queue when the server has answered for it, or when it
// is dropped. Failures of the network and of the server are repeated without
// a limit of attempts until the event is 24 hours old ([Options.MaxEventAge]).
// Every attempt has the same event_id, which the server counts once.
//
// # No silent loss
//
// Each event that is not delivered is reported once to [Options.OnDrop] with
// the reason, and counted in [Client.Stats]. These counts always add up:
//
//	Tracked = Accepted + Rejected + Dropped + Queued + InFlight
//
// The queue is in memory. Call [Client.Shutdown] before the process ends, and
// [Client.Flush] at the end of an invocation on serverless platforms.
package segops
