package segops

import (
	"strings"
	"testing"
	"time"
)

func TestNew_Defaults_AreTheDocumentedOnes(t *testing.T) {
	o, err := (*Options)(nil).withDefaults()

	want := Options{
		APIURL: "https://api.segops.ai", FlushAt: 100, FlushInterval: 5 * time.Second,
		MaxBatchBytes: 2_097_152, MaxQueueEvents: 10_000, MaxQueueBytes: 33_554_432,
		RequestTimeout: 15 * time.Second, BackoffBase: time.Second, BackoffMax: time.Minute,
		MaxEventAge: 24 * time.Hour, ShutdownTimeout: 10 * time.Second, ByteLimitDuration: 10 * time.Minute,
	}
	got := o
	if err != nil || got.OnDrop != nil || got.Logger != nil {
		t.Fatalf("the options are %+v, %v", o, err)
	}
	if got.APIURL != want.APIURL || got.FlushAt != want.FlushAt || got.FlushInterval != want.FlushInterval ||
		got.MaxBatchBytes != want.MaxBatchBytes || got.MaxQueueEvents != want.MaxQueueEvents || got.MaxQueueBytes != want.MaxQueueBytes ||
		got.RequestTimeout != want.RequestTimeout || got.BackoffBase != want.BackoffBase || got.BackoffMax != want.BackoffMax ||
		got.MaxEventAge != want.MaxEventAge || got.ShutdownTimeout != want.ShutdownTimeout || got.ByteLimitDuration != want.ByteLimitDuration {
		t.Errorf("the defaults are %+v", o)
	}
}

func TestNew_BadConfiguration_IsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		key     string
		options Options
	}{
		"no key":             {"", Options{}},
		"key with line end":  {"sk_live_secret\n", Options{}},
		"key with accent":    {"sk_live_secret\u00e9", Options{}},
		"no scheme":          {testKey, Options{APIURL: "api.segops.ai"}},
		"other scheme":       {testKey, Options{APIURL: "ftp://api.segops.ai"}},
		"no host":            {testKey, Options{APIURL: "https:///api"}},
		"http":               {testKey, Options{APIURL: "http://api.segops.ai"}},
		"http, like local":   {testKey, Options{APIURL: "http://localhost.example.com"}},
		"user in the URL":    {testKey, Options{APIURL: "https://secret@api.segops.ai"}},
		"query in the URL":   {testKey, Options{APIURL: "https://api.segops.ai?a=secret"}},
		"negative number":    {testKey, Options{FlushAt: -1}},
		"negative duration":  {testKey, Options{RequestTimeout: -1}},
		"batch of over 10MB": {testKey, Options{MaxBatchBytes: 10_485_761}},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := New(c.key, &c.options)

			if err == nil || client != nil {
				t.Fatal("the configuration was accepted")
			}
			if strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "segops: ") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestNew_HTTP_IsAllowedForThisMachineAndOnRequest(t *testing.T) {
	for _, o := range []Options{
		{APIURL: "http://localhost:8080"},
		{APIURL: "http://127.0.0.1:8080/"},
		{APIURL: "http://[::1]:8080"},
		{APIURL: "http://gateway.internal", AllowInsecure: true},
	} {
		if _, err := o.withDefaults(); err != nil {
			t.Errorf("%s: %v", o.APIURL, err)
		}
	}
}
