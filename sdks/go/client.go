package segops

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"math/rand"
	"sync"
	"time"
)

const notSnakeCase = "event_type_not_snake_case"

// A Client queues events and sends them in the background. Make one with
// [New] and share it: it is safe for use by any number of goroutines.
type Client struct {
	options Options
	clock   clock
	ids     idGenerator
	queue   *queue
	sender  *sender
	notices *notifier

	shutdown   sync.Once
	stopResult FlushResult
	stopErr    error
}

// New returns a client that sends with the API key of a project, such as
// sk_live_... . A nil options means the defaults. The error says which
// argument is wrong. New does no I/O.
//
// The client owns a goroutine until [Client.Shutdown].
func New(apiKey string, options *Options) (*Client, error) {
	return newClient(apiKey, options, systemClock{})
}

func newClient(apiKey string, options *Options, clock clock) (*Client, error) {
	if options != nil && options.Disabled {
		return &Client{options: Options{Disabled: true}, clock: clock}, nil
	}
	if err := checkKey(apiKey); err != nil {
		return nil, err
	}
	checked, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Client{options: checked, clock: clock}
	c.notices = &notifier{options: &c.options, clock: clock}
	c.queue = newQueue(&c.options, c.notices.drop)
	random := newRandom()
	c.sender = &sender{
		options: &c.options,
		queue:   c.queue,
		wire:    newWire(apiKey, &c.options, clock),
		notices: c.notices,
		clock:   clock,
		random:  random,
		backoff: backoff{base: checked.BackoffBase, max: checked.BackoffMax, random: random},
		bytes:   byteLimit{normal: checked.MaxBatchBytes, duration: checked.ByteLimitDuration},
		done:    make(chan struct{}),
	}
	go c.sender.run()
	return c, nil
}

// newRandom returns a source of jitter that differs between processes.
func newRandom() func() float64 {
	var seed [8]byte
	if _, err := cryptorand.Read(seed[:]); err != nil {
		binary.BigEndian.PutUint64(seed[:], uint64(time.Now().UnixNano()))
	}
	return rand.New(rand.NewSource(int64(binary.BigEndian.Uint64(seed[:])))).Float64
}

// Track queues an event and returns its event_id. It does not wait and does
// no I/O. An event that is not queued is dropped: it is reported to
// [Options.OnDrop], and the error is [ErrQueueFull], [ErrClosed] or an
// [*InvalidEventError]. The id is also returned with an error.
//
// Callers can ignore the error if they have OnDrop.
func (c *Client) Track(event Event) (id string, err error) {
	now := c.clock.Now()
	if id = event.EventID; id == "" {
		id = c.ids.next(now)
	}
	if c.options.Disabled {
		return id, nil
	}
	it, failure := newItem(event, id, now)
	if failure != nil {
		return id, c.queue.refuse(id, event.EventType, failure)
	}
	if err := c.queue.add(it); err != nil {
		return id, err
	}
	if !isSnakeCase(event.EventType) {
		c.notices.warning(Warning{id, "event_type", notSnakeCase, "event_type should be snake_case, such as order_placed"})
	}
	return id, nil
}

// Identify sets traits of a user: it tracks an event of the type
// context_identified with the traits as its payload. A trait that is null is
// unset. See [Client.Track].
func (c *Client) Identify(userID string, traits any) (id string, err error) {
	return c.Track(Event{UserID: userID, EventType: identified, Payload: traits})
}
