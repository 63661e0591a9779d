package segops

import (
	"sync"
	"testing"
	"time"
)

func TestNext_SameMillisecondOrClockSetBack_Increases(t *testing.T) {
	var g idGenerator
	previous := ""
	for i := 0; i < 10_000; i++ {
		now := epoch
		if i%3 == 0 {
			now = epoch.Add(-time.Hour)
		}
		id := g.next(now)
		if id <= previous {
			t.Fatalf("%s follows %s", id, previous)
		}
		previous = id
	}
}

func TestNext_AnyTime_IsAUUIDOfVersion7(t *testing.T) {
	var g idGenerator
	for i := 0; i < 1000; i++ {
		id := g.next(epoch.Add(time.Duration(i) * 700 * time.Microsecond))
		if !isUUID(id) || id[14] != '7' || (id[19] != '8' && id[19] != '9' && id[19] != 'a' && id[19] != 'b') {
			t.Fatalf("%s is not a UUID of version 7", id)
		}
	}
	if id := new(idGenerator).next(time.UnixMilli(0x0199_1234_5678)); id[:15] != "01991234-5678-7" {
		t.Errorf("%s does not begin with its time", id)
	}
}

func TestNext_CounterOverflows_BorrowsFromTheTime(t *testing.T) {
	g := idGenerator{millis: 0xffff, high: 0xfff, low: 1<<62 - 1}

	id := g.next(time.UnixMilli(5))

	if id[:18] != "00000001-0000-7000" {
		t.Errorf("the id is %s", id)
	}
}

func TestNext_ManyGoroutines_NeverRepeats(t *testing.T) {
	var g idGenerator
	const goroutines, each = 8, 2000
	ids := make([][]string, goroutines)
	var all sync.WaitGroup
	for i := range ids {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			for n := 0; n < each; n++ {
				ids[i] = append(ids[i], g.next(epoch))
			}
		}(i)
	}
	all.Wait()

	seen := map[string]bool{}
	for _, list := range ids {
		for _, id := range list {
			seen[id] = true
		}
	}
	if len(seen) != goroutines*each {
		t.Errorf("%d ids differ", len(seen))
	}
}

func TestIsUUID_Forms_AreJudgedAsByTheServer(t *testing.T) {
	for text, want := range map[string]bool{
		"01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41":   true,
		"01981B3E-7C1A-4B1C-8F02-6D1B9F3A2C41":   true,
		"00000000-0000-0000-0000-000000000000":   false,
		"01981b3e7c1a7b1c8f026d1b9f3a2c41":       false,
		"{01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41}": false,
		"01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c4g":   false,
		"01981b3e-7c1a-7b1c-8f02+6d1b9f3a2c41":   false,
		"":                                       false,
	} {
		if isUUID(text) != want {
			t.Errorf("isUUID(%q) is %v", text, !want)
		}
	}
}
