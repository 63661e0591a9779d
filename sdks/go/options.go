package segops

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultAPIURL is the server that a [Client] sends to by default.
const DefaultAPIURL = "https://api.segops.ai"

const (
	maxBatchEvents    = 500        // the server's limit of events in a request
	hardMaxBatchBytes = 10_485_760 // the server's limit of a body before compression

	quotaProbeInterval         = 15 * time.Minute
	configurationProbeInterval = 5 * time.Minute
)

// Options configure a [Client]. The zero value of each field stands for its
// default.
type Options struct {
	// APIURL is the address of the server, without a path below /api.
	// Plain http:// is allowed for loopback addresses, and for others with
	// AllowInsecure. Default: [DefaultAPIURL].
	APIURL string

	// AllowInsecure allows http:// to hosts other than this machine. The API
	// key and the events can then be read on the way.
	AllowInsecure bool

	// Disabled makes a client that does nothing: it sends and counts no
	// event. The key and the other options are not checked.
	Disabled bool

	// FlushAt is the number of queued events that starts a request.
	// Default: 100.
	FlushAt int

	// FlushInterval is the time after which the oldest queued event is sent,
	// with whatever else is queued. Default: 5 s.
	FlushInterval time.Duration

	// MaxBatchBytes limits the body of a request before compression, in
	// bytes. At most 10,485,760. A larger single event is sent alone.
	// Default: 2 MiB.
	MaxBatchBytes int

	// MaxQueueEvents limits the events in the queue and in flight. An event
	// above the limit is refused with [ErrQueueFull]. Default: 10,000.
	MaxQueueEvents int

	// MaxQueueBytes limits the JSON text of these events, in bytes.
	// Default: 32 MiB.
	MaxQueueBytes int

	// RequestTimeout limits one request, from the connection to the last
	// byte of the answer. Default: 15 s.
	RequestTimeout time.Duration

	// BackoffBase and BackoffMax set the waits between failed attempts.
	// Attempt n is followed by a random wait between d/2 and d, where
	// d = min(BackoffMax, BackoffBase·2ⁿ⁻¹). Defaults: 1 s and 60 s.
	BackoffBase, BackoffMax time.Duration

	// MaxEventAge is the time after Track at which an event that could not
	// be sent is dropped as expired. Default: 24 h.
	MaxEventAge time.Duration

	// ShutdownTimeout limits Shutdown if its context has no deadline.
	// Default: 10 s.
	ShutdownTimeout time.Duration

	// ProbeInterval is the time, ±20 %, between the single events with which
	// a client that is on hold tries whether it can continue. Default:
	// 15 min after quota_exceeded, 5 min after an answer that blames the
	// configuration, such as 401.
	ProbeInterval time.Duration

	// ByteLimitDuration is the time for which batches stay smaller after the
	// answer 413. Default: 10 min.
	ByteLimitDuration time.Duration

	// DisableGzip turns the compression of bodies off. By default bodies of
	// 1 KiB or more are compressed.
	DisableGzip bool

	// Transport sends the requests. It must be safe for use by one goroutine
	// and should honour the context of the request. The client does not
	// close it. Default: a transport of its own, with the proxy settings of
	// the environment.
	Transport http.RoundTripper

	// Logger receives the client's log lines: ids, counts and codes, never
	// payloads, user ids or keys. Each kind of line is logged at most once a
	// minute. Default: nothing is logged.
	Logger Logger

	// OnDrop is called once for each event that was tracked and will not be
	// delivered.
	//
	// This and the other callbacks run one at a time, in a goroutine that
	// belongs to neither Track nor the sender. Their panics are recovered.
	// They should return soon, because later calls wait for them in memory.
	// They must not call Shutdown, which waits for them.
	OnDrop func(Drop)

	// OnError is called once when delivery stops for a reason that needs
	// attention: the key, the address or the plan. Events wait in the queue
	// until it is corrected, or until they expire. After a delivery it can
	// be called again.
	OnError func(DeliveryError)

	// OnWarning is called for events that are accepted although something
	// about them should be corrected.
	OnWarning func(Warning)
}

// withDefaults returns a checked copy in which every field has its value.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	if out.APIURL == "" {
		out.APIURL = DefaultAPIURL
	}
	if err := checkURL(out.APIURL, out.AllowInsecure); err != nil {
		return out, err
	}
	err := firstError(
		numberDefault("FlushAt", &out.FlushAt, 100),
		numberDefault("FlushInterval", &out.FlushInterval, 5*time.Second),
		numberDefault("MaxBatchBytes", &out.MaxBatchBytes, 2<<20),
		numberDefault("MaxQueueEvents", &out.MaxQueueEvents, 10_000),
		numberDefault("MaxQueueBytes", &out.MaxQueueBytes, 32<<20),
		numberDefault("RequestTimeout", &out.RequestTimeout, 15*time.Second),
		numberDefault("BackoffBase", &out.BackoffBase, time.Second),
		numberDefault("BackoffMax", &out.BackoffMax, time.Minute),
		numberDefault("MaxEventAge", &out.MaxEventAge, 24*time.Hour),
		numberDefault("ShutdownTimeout", &out.ShutdownTimeout, 10*time.Second),
		numberDefault("ProbeInterval", &out.ProbeInterval, 0),
		numberDefault("ByteLimitDuration", &out.ByteLimitDuration, 10*time.Minute),
	)
	if err == nil && out.MaxBatchBytes > hardMaxBatchBytes {
		err = fmt.Errorf("segops: Options.MaxBatchBytes must be at most %d", hardMaxBatchBytes)
	}
	return out, err
}

func numberDefault[T int | time.Duration](name string, field *T, value T) error {
	if *field < 0 {
		return fmt.Errorf("segops: Options.%s must not be negative", name)
	}
	if *field == 0 {
		*field = value
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkURL(text string, allowInsecure bool) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("segops: Options.APIURL must be an absolute http or https URL")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("segops: Options.APIURL must have no user, query or fragment")
	}
	if u.Scheme == "http" && !allowInsecure && !isLoopback(u.Hostname()) {
		return errors.New("segops: Options.APIURL must be https, because others can read http on the way; " +
			"http is allowed for this machine, and with Options.AllowInsecure")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
}

// checkKey never repeats the key: errors end up in logs.
func checkKey(key string) error {
	if key == "" {
		return errors.New("segops: the API key is empty")
	}
	for i := 0; i < len(key); i++ {
		if key[i] <= ' ' || key[i] > '~' {
			return errors.New("segops: the API key has spaces, line ends or other characters that a key never has")
		}
	}
	return nil
}
