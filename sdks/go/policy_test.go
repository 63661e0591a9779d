package segops

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestBackoff_Extremes_StayWithinHalfAndWhole(t *testing.T) {
	for random, part := range map[float64]float64{0: 0.5, 0.5: 0.75, 1: 1} {
		b := backoff{base: time.Second, max: time.Minute, random: func() float64 { return random }}
		for _, d := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			if got, want := b.next(), time.Duration(part*float64(d*time.Second)); got != want {
				t.Errorf("the wait is %v instead of %v", got, want)
			}
		}
		b.reset()
		if got := b.next(); got > time.Second {
			t.Errorf("after a success the wait is %v", got)
		}
	}
}

func TestRetryAfter_Forms_AreRead(t *testing.T) {
	date := func(at time.Time) string { return at.UTC().Format(http.TimeFormat) }
	now := epoch.Truncate(time.Second)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"120":                           2 * time.Minute,
		" 7 ":                           7 * time.Second,
		"2678400":                       31 * 24 * time.Hour,
		"99999999999999999999999":       farthest,
		"-5":                            0,
		"soon":                          0,
		"1.5":                           0,
		date(now.Add(90 * time.Second)): 90 * time.Second,
		date(now.Add(-time.Hour)):       0,
	} {
		h := http.Header{"Retry-After": {value}}
		if got := retryAfter(h, now); got != want {
			t.Errorf("Retry-After: %s is %v instead of %v", value, got, want)
		}
	}
	skewed := http.Header{"Retry-After": {date(now.Add(30 * time.Second))}, "Date": {date(now)}}
	if got := retryAfter(skewed, now.Add(-time.Hour)); got != 30*time.Second {
		t.Errorf("with a clock that is slow, the wait is %v", got)
	}
}

func TestWindowReset_Policies_WaitForCallsOnly(t *testing.T) {
	for value, want := range map[string]time.Duration{
		`"minute";r=59;t=60, "month";r=499000;t=551957`: 0,
		`"minute";r=0;t=42, "month";r=0;t=551957`:       42 * time.Second,
		`"address";r=3;t=60, "key";r=0;t=9`:             9 * time.Second,
		`"minute"; r=0; t=5`:                            5 * time.Second,
		`"month";r=0;t=551957`:                          0,
		`"day";r=0;t=1957`:                              0,
		`"minute";r=0`:                                  0,
		`;;=,`:                                          0,
	} {
		if got := windowReset(http.Header{"Ratelimit": {value}}); got != want {
			t.Errorf("RateLimit: %s is %v instead of %v", value, got, want)
		}
	}
}

func TestParts_HalvesAndDecisions_KeepTheOrder(t *testing.T) {
	var p parts
	if p.limit(500) != 500 {
		t.Error("an undivided batch is limited")
	}
	p.halve(5)
	if fmt.Sprint(p) != "[2 3]" || p.limit(500) != 3 {
		t.Errorf("the parts are %v", p)
	}
	p.consume(1)
	p.halve(2)
	if fmt.Sprint(p) != "[2 1 1]" {
		t.Errorf("the parts are %v", p)
	}
	p.consume(3)
	if fmt.Sprint(p) != "[1]" {
		t.Errorf("the parts are %v", p)
	}
	p.consume(10)
	if len(p) != 0 {
		t.Errorf("the parts are %v", p)
	}
}

func TestLogLimit_SameReason_PassesOnceAMinute(t *testing.T) {
	var l logLimit
	now := epoch
	var passed []string
	for i := 0; i < 130; i++ {
		if suppressed, ok := l.allow("a", now); ok {
			passed = append(passed, fmt.Sprint(i, suppressed))
		}
		now = now.Add(time.Second)
	}

	if got := strings.Join(passed, ","); got != "0 0,60 59,120 59" {
		t.Errorf("passed %s", got)
	}
	if _, ok := l.allow("b", now); !ok {
		t.Error("another reason was suppressed")
	}
}

func TestBodySize_Batch_IsTheLengthOfTheBody(t *testing.T) {
	for n := 1; n < 4; n++ {
		var batch []*item
		for i := 0; i < n; i++ {
			batch = append(batch, &item{text: []byte(`{"a":1}`)})
		}
		if got, want := bodySize(batch), len(batchBody(batch, epoch)); got != want {
			t.Errorf("the size is %d instead of %d", got, want)
		}
	}
}

func FuzzReadAnswer_AnyAnswer_DecidesOnlyWhatAddsUp(f *testing.F) {
	f.Add(202, `{"accepted":1,"rejected":1,"errors":[{"index":0}]}`, "0", `"minute";r=0;t=1`)
	f.Add(400, `{"code":"validation_failed","errors":[{"index":7}]}`, "x", "")
	f.Add(429, `{"code":"quota_exceeded","remaining":-3}`, "-1", ";")
	f.Fuzz(func(t *testing.T, status int, body, retryAfter, rateLimit string) {
		r := &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retryAfter}, "Ratelimit": {rateLimit}}}

		a := readAnswer(r, []byte(body), 2, false, epoch)

		if a.verdict == delivered && (status != 202 || len(a.refused) > 2) {
			t.Errorf("status %d with %s counts as delivered", status, body)
		}
		if a.wait < 0 || a.remaining < 0 {
			t.Errorf("the answer is %+v", a)
		}
		for place := range a.refused {
			if place < 0 || place > 1 {
				t.Errorf("event %d was refused", place)
			}
		}
	})
}
