package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	segops "github.com/segops/segops-go"
)

// settings are the options as the protocol spells them.
type settings struct {
	APIURL            string `json:"apiUrl"`
	APIKey            string `json:"apiKey"`
	FlushAt           int    `json:"flushAt"`
	FlushIntervalMs   int    `json:"flushIntervalMs"`
	MaxBatchBytes     int    `json:"maxBatchBytes"`
	MaxQueueEvents    int    `json:"maxQueueEvents"`
	MaxQueueBytes     int    `json:"maxQueueBytes"`
	RequestTimeoutMs  int    `json:"requestTimeoutMs"`
	BackoffBaseMs     int    `json:"backoffBaseMs"`
	BackoffMaxMs      int    `json:"backoffMaxMs"`
	MaxEventAgeMs     int    `json:"maxEventAgeMs"`
	ShutdownTimeoutMs int    `json:"shutdownTimeoutMs"`
	ProbeIntervalMs   int    `json:"probeIntervalMs"`
	ByteLimitMs       int    `json:"byteLimitMs"`
	Gzip              *bool  `json:"gzip"`
	Enabled           *bool  `json:"enabled"`
	AllowInsecure     bool   `json:"allowInsecure"`
	ThrowingTransport int    `json:"throwingTransport"`
}

// options translates the settings and installs the callbacks, which print.
func (c *client) options(text json.RawMessage) (string, *segops.Options, error) {
	var s settings
	if err := json.Unmarshal(text, &s); err != nil {
		return "", nil, fmt.Errorf("the options cannot be read: %w", err)
	}
	o := &segops.Options{
		APIURL:            s.APIURL,
		FlushAt:           s.FlushAt,
		FlushInterval:     milliseconds(s.FlushIntervalMs),
		MaxBatchBytes:     s.MaxBatchBytes,
		MaxQueueEvents:    s.MaxQueueEvents,
		MaxQueueBytes:     s.MaxQueueBytes,
		RequestTimeout:    milliseconds(s.RequestTimeoutMs),
		BackoffBase:       milliseconds(s.BackoffBaseMs),
		BackoffMax:        milliseconds(s.BackoffMaxMs),
		MaxEventAge:       milliseconds(s.MaxEventAgeMs),
		ShutdownTimeout:   milliseconds(s.ShutdownTimeoutMs),
		ProbeInterval:     milliseconds(s.ProbeIntervalMs),
		ByteLimitDuration: milliseconds(s.ByteLimitMs),
		AllowInsecure:     s.AllowInsecure,
		DisableGzip:       s.Gzip != nil && !*s.Gzip,
		Disabled:          s.Enabled != nil && !*s.Enabled,
		Logger:            c,
		OnDrop: func(d segops.Drop) {
			c.print("drop", map[string]any{
				"event_id": d.EventID, "event_type": d.EventType, "reason": d.Reason,
				"status": d.Status, "code": d.Code, "field": d.Field, "message": d.Message,
			})
		},
		OnError: func(e segops.DeliveryError) {
			c.print("error", map[string]any{"kind": e.Kind, "status": e.Status, "code": e.Code, "message": e.Message})
		},
		OnWarning: func(w segops.Warning) {
			c.print("warning", map[string]any{"event_id": w.EventID, "field": w.Field, "code": w.Code, "message": w.Message})
		},
	}
	if s.ThrowingTransport > 0 {
		o.Transport = &throwingTransport{remaining: s.ThrowingTransport}
	}
	return s.APIKey, o, nil
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// throwingTransport panics a number of times before it works.
type throwingTransport struct{ remaining int }

func (t *throwingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.remaining > 0 {
		t.remaining--
		panic("the transport throws")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Log implements segops.Logger.
func (c *client) Log(level segops.LogLevel, message string, keysAndValues ...any) {
	c.print("log", map[string]any{"level": level.String(), "message": message + " " + fmt.Sprint(keysAndValues...)})
}

// print writes an event without its empty members, and then panics if the
// runner asked for it.
func (c *client) print(kind string, line map[string]any) {
	for name, value := range line {
		if value == "" || value == 0 {
			delete(line, name)
		}
	}
	line["ev"], line["client"] = kind, c.name
	c.driver.write(line)
	c.mu.Lock()
	throws := c.throws[kind]
	c.mu.Unlock()
	if throws {
		panic("the callback throws")
	}
}
