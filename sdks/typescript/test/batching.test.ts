import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from './support/fake-server.js';
import { TestClient } from './support/test-client.js';

test('track_FewerEventsThanFlushAt_SendsThemAtTheIntervalOfTheOldest', async () => {
  const client = new TestClient();

  client.trackMany(1);
  await client.pass(4_000);
  client.trackMany(1);
  await client.pass(999);
  assert.deepEqual(client.server.sizes, []);
  await client.pass(1);

  assert.deepEqual(client.server.sizes, [2]);
  assert.equal(client.stats().accepted, 2);
});

test('track_FlushAtEvents_SendsThemAtOnce', async () => {
  const client = new TestClient({ flushAt: 3 });

  client.trackMany(3);
  await client.pass(0);

  assert.deepEqual(client.server.sizes, [3]);
});

test('track_BytesOfAWholeBatch_SendsThemAtOnce', async () => {
  const client = new TestClient({ maxBatchBytes: 10_000 });

  client.trackMany(3, { payload: { text: 'x'.repeat(4_000) } });
  await client.pass(0);

  assert.deepEqual(client.server.sizes, [2, 1]);
});

test('track_InsideTheCall_SendsNothing', () => {
  const client = new TestClient({ flushAt: 1 });

  client.trackMany(5);

  assert.deepEqual(client.server.sizes, []);
});

test('track_Backlog_FillsBatchesTo500InOrder', async () => {
  const client = new TestClient();

  const ids = client.trackMany(1_200);
  await client.pass(0);

  assert.deepEqual(client.server.sizes, [500, 500, 200]);
  assert.deepEqual(client.sentIds, ids);
  assert.equal(client.server.mostOpen, 1);
});

test('track_LargeEvents_SplitsByBytes', async () => {
  const client = new TestClient();

  client.trackMany(500, { payload: { text: 'x'.repeat(32_000) } });
  await client.pass(0);

  assert.equal(client.stats().accepted, 500);
  for (const { request } of client.server.received) assert.ok(request.body.length <= 2_097_152);
  assert.ok(client.server.sizes.length <= 9, 'batches are full');
});

test('track_EventLargerThanABatch_IsSentAlone', async () => {
  const client = new TestClient({ maxBatchBytes: 1_000, flushAt: 2 });

  client.trackMany(2, { payload: { text: 'x'.repeat(2_000) } });
  await client.pass(0);

  assert.deepEqual(client.server.sizes, [1, 1]);
});

test('track_PayloadChangedAfterwards_SendsWhatItWas', async () => {
  const client = new TestClient();
  const payload = { total: 1 };

  client.track({ userId: 'u', eventType: 'order_placed', payload });
  payload.total = 2;
  await client.flush();

  assert.deepEqual(client.server.received[0]?.events[0]?.payload, { total: 1 });
});

test('track_SentLater_HasTheTimeOfTheCall', async () => {
  const client = new TestClient();
  const now = new Date(client.clock.wall()).toISOString();

  client.trackMany(1);
  await client.pass(5_000);

  const [received] = client.server.received;
  assert.equal(received?.events[0]?.occurred_at, now);
  assert.equal(received?.sentAt, new Date(Date.parse(now) + 5_000).toISOString());
});

test('track_QueueFullOfEvents_RefusesTheNewest', async () => {
  const client = new TestClient({ maxQueueEvents: 2 });

  const ids = client.trackMany(3);
  await client.flush();

  assert.deepEqual(client.sentIds, ids.slice(0, 2));
  assert.deepEqual(
    client.drops.map(({ eventId, eventType, reason }) => ({ eventId, eventType, reason })),
    [{ eventId: ids[2], eventType: 'page_viewed', reason: 'queue_full' }],
  );
  assert.equal(client.stats().drops.queue_full, 1);
});

test('track_QueueFullOfBytes_RefusesTheNewest', async () => {
  const client = new TestClient({ maxQueueBytes: 5_000 });

  client.trackMany(3, { payload: { text: 'x'.repeat(2_000) } });
  await client.flush();

  assert.deepEqual(client.server.sizes, [2]);
  assert.deepEqual(
    client.drops.map(({ reason }) => reason),
    ['queue_full'],
  );
});

test('track_InvalidEvent_DropsItAndReturnsItsId', async () => {
  const client = new TestClient();

  const id = client.track({ userId: '', eventType: 'page_viewed' });
  await client.pass(0);

  assert.deepEqual(client.drops, [
    {
      eventId: id,
      eventType: 'page_viewed',
      reason: 'invalid',
      field: 'user_id',
      code: 'empty',
      message: 'user_id must not be empty.',
    },
  ]);
  assert.deepEqual(client.stats(), {
    tracked: 1,
    accepted: 0,
    rejected: 0,
    dropped: 1,
    queued: 0,
    inFlight: 0,
    drops: { invalid: 1 },
  });
});

test('track_SameIdTwice_CountsBoth', async () => {
  const client = new TestClient();
  const eventId = '01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41';

  client.trackMany(2, { eventId });
  await client.flush();

  assert.deepEqual(client.sentIds, [eventId, eventId]);
  assert.equal(client.stats().accepted, 2);
});

test('track_UnusualType_WarnsOnceAndSends', async () => {
  const code = 'event_type_not_snake_case';
  const client = new TestClient({}, [
    () =>
      answer(202, { accepted: 1, rejected: 0, warnings: [{ index: 0, field: 'event_type', code, message: 'again' }] }),
  ]);

  const eventId = client.track({ userId: 'u', eventType: 'orderPlaced' });
  await client.flush();

  assert.equal(client.stats().accepted, 1);
  assert.deepEqual(
    client.warnings.map(({ eventId, code }) => ({ eventId, code })),
    [{ eventId, code }],
  );
});

test('identify_Traits_SendsContextIdentified', async () => {
  const client = new TestClient();

  const id = client.identify({ userId: 'user-123', traits: { plan: 'starter', company: null } });
  await client.flush();

  const [event] = client.server.received[0]?.events ?? [];
  assert.equal(event?.event_id, id);
  assert.equal(event?.event_type, 'context_identified');
  assert.deepEqual(event?.payload, { plan: 'starter', company: null });
});

test('track_Disabled_SendsAndCountsNothing', async () => {
  const client = new TestClient({ enabled: false, apiKey: '', apiUrl: '' });

  const id = client.track({ userId: 'u', eventType: 'page_viewed' });

  assert.ok(id);
  assert.deepEqual(await client.flush(), { accepted: 0, rejected: 0, dropped: 0, remaining: 0 });
  await client.shutdown();
  assert.equal(client.stats().tracked, 0);
  assert.deepEqual(client.server.sizes, []);
});

test('track_WaitUntil_SendsAtOnceAndTheHostWaits', async () => {
  const waits: Promise<unknown>[] = [];
  const client = new TestClient({ waitUntil: (promise) => waits.push(promise) });

  client.trackMany(3);
  assert.equal(waits.length, 1);
  await waits[0];

  assert.deepEqual(client.server.sizes, [3]);
  client.trackMany(1);
  assert.equal(waits.length, 2);
  await waits[1];
  assert.equal(client.stats().accepted, 4);
});

test('track_WaitUntilThrows_StillSends', async () => {
  const client = new TestClient({
    waitUntil: () => {
      throw new Error('outside of a request');
    },
  });

  client.trackMany(1);
  await client.flush();

  assert.equal(client.stats().accepted, 1);
});
