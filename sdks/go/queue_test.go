package segops

import (
	"testing"
	"time"
)

func newTestQueue(t *testing.T) (*queue, *[]Drop) {
	t.Helper()
	options, err := (&Options{MaxQueueEvents: 5, MaxQueueBytes: 100}).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	var drops []Drop
	return newQueue(&options, func(d Drop) { drops = append(drops, d) }), &drops
}

func testItem(id string) *item {
	return &item{id: id, eventType: "test_event", text: make([]byte, 20), trackedAt: epoch}
}

func idsOf(batch []*item) string {
	var ids []string
	for _, it := range batch {
		ids = append(ids, it.id)
	}
	return join(ids)
}

func TestAdd_BytesAreUsedUp_RefusesTheNewest(t *testing.T) {
	q, drops := newTestQueue(t)
	large := testItem("large")
	large.text = make([]byte, 81)

	first, second := q.add(testItem("a")), q.add(large)

	if first != nil || second != ErrQueueFull || len(*drops) != 1 || (*drops)[0].EventID != "large" {
		t.Errorf("the errors are %v and %v, the drops %+v", first, second, *drops)
	}
}

func TestAdd_InFlight_StillTakesRoom(t *testing.T) {
	q, _ := newTestQueue(t)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		_ = q.add(testItem(id))
	}
	batch := q.take(5, 1000)

	whileInFlight := q.add(testItem("f"))
	q.settle(batch[:1], fate{})
	after := q.add(testItem("g"))

	if whileInFlight != ErrQueueFull || after != nil {
		t.Errorf("the errors are %v and %v", whileInFlight, after)
	}
}

func TestSettle_Twice_CountsOnce(t *testing.T) {
	q, drops := newTestQueue(t)
	_ = q.add(testItem("a"))
	batch := q.take(1, 1000)

	q.abandon()
	q.settle(batch, fate{})
	q.putBack(batch, false)

	if s := q.stats(); s.Accepted != 0 || s.Dropped != 1 || s.Queued != 0 || s.InFlight != 0 || len(*drops) != 1 {
		t.Errorf("the counts are %+v, the drops %+v", s, *drops)
	}
}

func TestSettle_SameEventIDTwice_SettlesEachEvent(t *testing.T) {
	q, _ := newTestQueue(t)
	_, _ = q.add(testItem("a")), q.add(testItem("a"))

	q.settle(q.take(1, 1000), fate{})

	if s := q.stats(); s.Accepted != 1 || s.Queued != 1 {
		t.Errorf("the counts are %+v", s)
	}
}

func TestTake_ProbedEvents_ComeLast(t *testing.T) {
	q, _ := newTestQueue(t)
	for _, id := range []string{"a", "b", "c"} {
		_ = q.add(testItem(id))
	}
	q.putBack(q.take(1, 1000), true)
	rest := q.take(5, 1000)
	q.settle(rest, fate{})
	last := q.take(5, 1000)

	if idsOf(rest) != "b c" || idsOf(last) != "a" {
		t.Errorf("the batches are %s and %s", idsOf(rest), idsOf(last))
	}
}

func TestTake_LargerThanTheLimit_TakesOne(t *testing.T) {
	q, _ := newTestQueue(t)
	_, _ = q.add(testItem("a")), q.add(testItem("b"))

	if batch := q.take(5, 10); idsOf(batch) != "a" {
		t.Errorf("the batch is %s", idsOf(batch))
	}
}

func TestExpire_AtTheAge_DropsTheOldest(t *testing.T) {
	q, drops := newTestQueue(t)
	young := testItem("b")
	young.trackedAt = epoch.Add(time.Second)
	_, _ = q.add(testItem("a")), q.add(young)

	q.expire(epoch)

	if len(*drops) != 1 || (*drops)[0].EventID != "a" || (*drops)[0].Reason != DropExpired {
		t.Errorf("the drops are %+v", *drops)
	}
}
