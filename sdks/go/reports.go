package segops

import (
	"errors"
	"fmt"
)

// ErrQueueFull is returned by [Client.Track] if the event would exceed
// [Options.MaxQueueEvents] or [Options.MaxQueueBytes]. The event is dropped.
var ErrQueueFull = errors.New("segops: the queue is full")

// ErrClosed is returned by [Client.Track] after [Client.Shutdown] was called.
// The event is dropped.
var ErrClosed = errors.New("segops: the client is shut down")

// An InvalidEventError is returned by [Client.Track] for an event that the
// server would refuse. The event is dropped.
type InvalidEventError struct {
	// Field is the field at fault, such as "user_id" or "payload".
	Field string
	// Code is stable. It is the server's code for the same fault where the
	// server has one, such as "too_long" or "payload_too_large".
	Code string
	// Message explains the fault without repeating values.
	Message string

	cause error
}

func invalid(field, code, message string) *InvalidEventError {
	return &InvalidEventError{Field: field, Code: code, Message: message}
}

func (e *InvalidEventError) Error() string { return "segops: invalid event: " + e.Message }

// Unwrap returns the error of the payload's encoder, if that failed. Its text
// can hold values of the payload.
func (e *InvalidEventError) Unwrap() error { return e.cause }

func (e *InvalidEventError) reason() DropReason {
	if e.Code == "payload_too_large" {
		return DropTooLarge
	}
	return DropInvalid
}

// A DropReason says why an event will not be delivered.
type DropReason string

const (
	DropQueueFull DropReason = "queue_full" // the queue had no room at Track
	DropInvalid   DropReason = "invalid"    // Track found the event invalid
	DropTooLarge  DropReason = "too_large"  // the payload, or the event for the server, is too large
	DropRejected  DropReason = "rejected"   // the server refused the event
	DropExpired   DropReason = "expired"    // the event was older than Options.MaxEventAge
	DropShutdown  DropReason = "shutdown"   // Shutdown ended before the event was sent
	DropClosed    DropReason = "closed"     // Track was called after Shutdown
)

// A Drop reports an event that will not be delivered.
type Drop struct {
	EventID   string
	EventType string
	Reason    DropReason
	Status    int    // the HTTP status, 0 if the server did not decide
	Code      string // the code of the fault, "" if there is none
	Field     string // the field at fault, "" if there is none
	Message   string // an explanation, "" if there is none
}

// A Warning reports something to correct about an event that is delivered
// nevertheless.
type Warning struct {
	EventID string
	Field   string
	Code    string
	Message string
}

// An ErrorKind says what stopped the delivery.
type ErrorKind string

const (
	// ErrorConfiguration means that the server refuses the key, or that the
	// address is not SegOps: 401, 403, 404, 405 or a redirect.
	ErrorConfiguration ErrorKind = "configuration"
	// ErrorQuota means that the events of the plan are used up.
	ErrorQuota ErrorKind = "quota"
)

// A DeliveryError reports that delivery stopped. The events are kept.
type DeliveryError struct {
	Kind    ErrorKind
	Status  int    // the HTTP status
	Code    string // the server's code, "" if it sent none
	Message string // what to do
}

func (e DeliveryError) Error() string {
	return fmt.Sprintf("segops: %s (status %d, code %q)", e.Message, e.Status, e.Code)
}
