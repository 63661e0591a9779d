package segops

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

const testID = "01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41"

// nested returns an object of so many levels.
func nested(levels int) json.RawMessage {
	return json.RawMessage(strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1))
}

// sized returns an object of so many bytes.
func sized(bytes int) json.RawMessage {
	return json.RawMessage(`{"a":"` + strings.Repeat("x", bytes-len(`{"a":""}`)) + `"}`)
}

type marshaler func() ([]byte, error)

func (m marshaler) MarshalJSON() ([]byte, error) { return m() }

func TestNewItem_Limits_AreThoseOfTheServer(t *testing.T) {
	failing := marshaler(func() ([]byte, error) { return nil, errors.New("x") })
	panicking := marshaler(func() ([]byte, error) { panic("x") })
	cycle := map[string]any{}
	cycle["self"] = cycle
	for name, c := range map[string]struct {
		change func(*Event)
		code   string // "" if the event is valid
	}{
		"no user_id":             {func(e *Event) { e.UserID = "" }, "empty"},
		"user_id of 256":         {func(e *Event) { e.UserID = strings.Repeat("😀", 256) }, ""},
		"user_id of 257":         {func(e *Event) { e.UserID = strings.Repeat("é", 257) }, "too_long"},
		"user_id not UTF-8":      {func(e *Event) { e.UserID = "a\xff" }, "invalid_characters"},
		"no event_type":          {func(e *Event) { e.EventType = "" }, "empty"},
		"event_type of 128":      {func(e *Event) { e.EventType = strings.Repeat("😀", 128) }, ""},
		"event_type of 129":      {func(e *Event) { e.EventType = strings.Repeat("a", 129) }, "too_long"},
		"event_type with U+0001": {func(e *Event) { e.EventType = "a\x01" }, "invalid_characters"},
		"event_type with U+0085": {func(e *Event) { e.EventType = "a\u0085" }, "invalid_characters"},
		"event_type not snake":   {func(e *Event) { e.EventType = "Order Placed" }, ""},
		"event_id":               {func(e *Event) { e.EventID = "order-1" }, "invalid_event_id"},
		"nil event_id":           {func(e *Event) { e.EventID = "00000000-0000-0000-0000-000000000000" }, "invalid_event_id"},
		"in 24 hours":            {func(e *Event) { e.OccurredAt = epoch.Add(24 * time.Hour) }, ""},
		"in over 24 hours":       {func(e *Event) { e.OccurredAt = epoch.Add(24*time.Hour + 1) }, "timestamp_in_future"},
		"in 2000":                {func(e *Event) { e.OccurredAt = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }, ""},
		"before 2000":            {func(e *Event) { e.OccurredAt = time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC) }, "timestamp_too_old"},
		"no payload":             {func(e *Event) { e.Payload = nil }, ""},
		"nil map":                {func(e *Event) { e.Payload = map[string]any(nil) }, ""},
		"struct":                 {func(e *Event) { e.Payload = struct{ A int }{1} }, ""},
		"array":                  {func(e *Event) { e.Payload = []int{1} }, "wrong_type"},
		"string":                 {func(e *Event) { e.Payload = "{}" }, "wrong_type"},
		"payload of 32,768":      {func(e *Event) { e.Payload = sized(32_768) }, ""},
		"payload of 32,769":      {func(e *Event) { e.Payload = sized(32_769) }, "payload_too_large"},
		"payload of HTML":        {func(e *Event) { e.Payload = map[string]string{"a": strings.Repeat("<", 32_760)} }, ""},
		"10 levels":              {func(e *Event) { e.Payload = nested(10) }, ""},
		"11 levels":              {func(e *Event) { e.Payload = nested(11) }, "payload_too_deep"},
		"braces in strings":      {func(e *Event) { e.Payload = map[string]string{"a": strings.Repeat(`{["\`, 20)} }, ""},
		"not a number":           {func(e *Event) { e.Payload = map[string]any{"a": math.NaN()} }, "invalid_payload"},
		"function":               {func(e *Event) { e.Payload = map[string]any{"a": func() {}} }, "invalid_payload"},
		"cycle":                  {func(e *Event) { e.Payload = cycle }, "invalid_payload"},
		"not JSON":               {func(e *Event) { e.Payload = json.RawMessage(`{"a":`) }, "invalid_payload"},
		"marshaler fails":        {func(e *Event) { e.Payload = failing }, "invalid_payload"},
		"marshaler panics":       {func(e *Event) { e.Payload = panicking }, "invalid_payload"},
	} {
		t.Run(name, func(t *testing.T) {
			e := Event{UserID: "user-1", EventType: "test_event", Payload: map[string]any{"a": 1}}
			c.change(&e)

			it, err := newItem(e, testID, epoch)

			code := ""
			if err != nil {
				code = err.Code
			}
			if code != c.code {
				t.Fatalf("the code is %q instead of %q", code, c.code)
			}
			if err == nil && !json.Valid(it.text) {
				t.Errorf("%s is not JSON", it.text)
			}
		})
	}
}

func TestNewItem_EncoderFails_KeepsValuesOutOfTheMessage(t *testing.T) {
	secret := errors.New("secret")
	payload := marshaler(func() ([]byte, error) { return nil, secret })

	_, err := newItem(Event{UserID: "user-1", EventType: "test_event", Payload: payload}, testID, epoch)

	if strings.Contains(err.Error(), "secret") || !errors.Is(err, secret) {
		t.Errorf("the error is %v", err)
	}
}

func TestNewItem_ClockBefore2000_LeavesTheTimeToTheServer(t *testing.T) {
	_, err := newItem(Event{UserID: "user-1", EventType: "test_event"}, testID, time.Unix(100, 0))

	if err != nil {
		t.Errorf("the error is %v", err)
	}
}

func TestNewItem_TimeOfAZone_IsSentInUTCWithMilliseconds(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)

	it, err := newItem(Event{UserID: "u", EventType: "t", OccurredAt: time.Date(2026, 1, 2, 3, 4, 5, 678_999_999, zone)}, testID, epoch)

	if err != nil || string(it.text) != `{"event_id":"`+testID+`","user_id":"u","event_type":"t","occurred_at":"2026-01-02T01:04:05.678Z"}` {
		t.Errorf("the text is %s, %v", it.text, err)
	}
}

func TestTrack_InvalidEvent_IsDroppedWithTheReason(t *testing.T) {
	h := newHarness(t, newServer(t), nil)

	invalidID, invalidErr := h.Track(Event{EventType: "test_event"})
	largeID, largeErr := h.Track(Event{UserID: "user-1", EventType: "test_event", Payload: sized(40_000)})

	var failure *InvalidEventError
	if !errors.As(invalidErr, &failure) || failure.Field != "user_id" || !errors.As(largeErr, &failure) || failure.Field != "payload" {
		t.Errorf("the errors are %v and %v", invalidErr, largeErr)
	}
	d := h.awaitDrops(2)
	if d[0].EventID != invalidID || d[0].Reason != DropInvalid || d[1].EventID != largeID || d[1].Reason != DropTooLarge {
		t.Errorf("the drops are %+v", d)
	}
}

func TestIsSnakeCase_Names_AreJudgedAsByTheServer(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "order_placed": true, "step_2": true, "v2": true, "a_2b": true,
		"": false, "_a": false, "a_": false, "a__b": false, "2a": false, "orderPlaced": false, "a-b": false, "é": false,
	} {
		if isSnakeCase(name) != want {
			t.Errorf("isSnakeCase(%q) is %v", name, !want)
		}
	}
}

func FuzzNewItem_AnyEvent_IsRefusedOrSentUnchanged(f *testing.F) {
	f.Add("user-1", "order_placed", `{"total":89.95}`)
	f.Add("é😀\u2028", "a\"\\<", `{"a":{"b":[1,"]}"]}}`)
	f.Add("\xff", "a\x7f", `[1]`)
	f.Add("u", "t", string(nested(11)))
	f.Fuzz(func(t *testing.T, userID, eventType, payload string) {
		it, failure := newItem(Event{UserID: userID, EventType: eventType, Payload: json.RawMessage(payload)}, testID, epoch)
		if failure != nil {
			if it != nil || failure.Code == "" || failure.Field == "" {
				t.Fatalf("the refusal is incomplete: %+v", failure)
			}
			return
		}
		var got struct {
			EventID   string          `json:"event_id"`
			UserID    string          `json:"user_id"`
			EventType string          `json:"event_type"`
			Payload   json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal(it.text, &got); err != nil {
			t.Fatalf("%s is not JSON: %v", it.text, err)
		}
		if got.EventID != testID || got.UserID != userID || got.EventType != eventType {
			t.Fatalf("%s does not have the fields %q and %q", it.text, userID, eventType)
		}
		if n := utf8.RuneCountInString(userID); n < 1 || n > maxUserID {
			t.Fatalf("a user_id of %d characters was accepted", n)
		}
		if len(got.Payload) > maxPayloadBytes {
			t.Fatalf("a payload of %d bytes was accepted", len(got.Payload))
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(payload)); err != nil {
			t.Fatalf("an invalid payload was accepted: %v", err)
		}
		if strings.TrimSpace(payload) != "null" && compact.String() != string(got.Payload) {
			t.Fatalf("%s is not %s", got.Payload, compact.String())
		}
	})
}
