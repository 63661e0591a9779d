package segops

import (
	"container/list"
	"encoding/json"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxUserID    = 256 // characters
	maxEventType = 128 // characters

	identified = "context_identified" // the event type that sets traits
	timeFormat = "2006-01-02T15:04:05.000Z"
)

// An Event is something that a user did.
type Event struct {
	// UserID is your id of the user: 1 to 256 characters. Required.
	UserID string

	// EventType names what happened: 1 to 128 characters, without control
	// characters. Names other than snake_case cause a warning. Required.
	EventType string

	// Payload has the properties of the event. It must encode to a JSON
	// object of at most 32,768 bytes and 10 levels: a map, a struct, a
	// [json.RawMessage] or a [json.Marshaler]. Track encodes it, so later
	// changes have no effect. Default: no properties.
	Payload any

	// OccurredAt is sent in UTC with milliseconds. It must not be before the
	// year 2000 or more than 24 hours ahead. Default: the time of Track.
	OccurredAt time.Time

	// EventID is a UUID. Events with the same id count once. Default: a new
	// UUID of version 7.
	EventID string
}

// item is an event in the queue. Its JSON text is the same in every attempt.
type item struct {
	id        string
	eventType string
	text      []byte
	trackedAt time.Time

	// The queue's own, guarded by its lock.
	element  *list.Element // nil when the event was decided
	number   uint64        // counts the events of the client from 1
	inFlight bool
	probed   bool
}

// newItem checks the event and encodes it.
func newItem(e Event, id string, now time.Time) (*item, *InvalidEventError) {
	occurred := e.OccurredAt
	if occurred.IsZero() {
		occurred = now
	}
	if err := checkEvent(e, occurred, now); err != nil {
		return nil, err
	}
	payload, err := encodePayload(e.Payload)
	if err != nil {
		return nil, err
	}
	defer payload.release()

	text := make([]byte, 0, len(`{"event_id":"","user_id":"","event_type":"","occurred_at":"","payload":}`)+
		len(id)+len(e.UserID)+len(e.EventType)+len(timeFormat)+len(payload.bytes()))
	text = append(text, `{"event_id":"`...)
	text = append(text, id...)
	text = append(text, `","user_id":`...)
	text = appendString(text, e.UserID)
	text = append(text, `,"event_type":`...)
	text = appendString(text, e.EventType)
	text = append(text, `,"occurred_at":"`...)
	text = occurred.UTC().AppendFormat(text, timeFormat)
	text = append(text, '"')
	if len(payload.bytes()) > 0 {
		text = append(text, `,"payload":`...)
		text = append(text, payload.bytes()...)
	}
	text = append(text, '}')
	return &item{id: id, eventType: e.EventType, text: text, trackedAt: now}, nil
}

func checkEvent(e Event, occurred, now time.Time) *InvalidEventError {
	if err := checkText("user_id", e.UserID, maxUserID); err != nil {
		return err
	}
	if err := checkText("event_type", e.EventType, maxEventType); err != nil {
		return err
	}
	for _, r := range e.EventType {
		if unicode.IsControl(r) {
			return invalid("event_type", "invalid_characters", "event_type must not have control characters")
		}
	}
	if e.EventID != "" && !isUUID(e.EventID) {
		return invalid("event_id", "invalid_event_id", "event_id must be a UUID other than the nil UUID")
	}
	if occurred.After(now.Add(24 * time.Hour)) {
		return invalid("occurred_at", "timestamp_in_future", "occurred_at must not be more than 24 hours ahead")
	}
	// The server corrects the times of a clock that is itself before 2000.
	if occurred.UTC().Year() < 2000 && now.UTC().Year() >= 2000 {
		return invalid("occurred_at", "timestamp_too_old", "occurred_at must not be before the year 2000")
	}
	return nil
}

func checkText(field, text string, max int) *InvalidEventError {
	switch {
	case text == "":
		return invalid(field, "empty", field+" must not be empty")
	case !utf8.ValidString(text):
		return invalid(field, "invalid_characters", field+" must be valid UTF-8")
	case len(text) > max && utf8.RuneCountInString(text) > max:
		return invalid(field, "too_long", field+" has too many characters")
	}
	return nil
}

// isSnakeCase reports whether the name is words of a-z and 0-9 that are
// joined by single underscores and begin with a letter.
func isSnakeCase(name string) bool {
	previous := byte('_')
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter, digit := c >= 'a' && c <= 'z', c >= '0' && c <= '9'
		if !letter && (i == 0 || !digit) && (c != '_' || previous == '_') {
			return false
		}
		previous = c
	}
	return previous != '_'
}

// appendString appends valid UTF-8 as a JSON string.
func appendString(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always encodes
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
