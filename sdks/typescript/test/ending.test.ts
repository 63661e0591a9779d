import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accept, answer, hang, problem } from './support/fake-server.js';
import { TestClient } from './support/test-client.js';

const none = { accepted: 0, rejected: 0, dropped: 0, remaining: 0 };

test('flush_NothingTracked_ResolvesAtOnce', async () => {
  const client = new TestClient();

  assert.deepEqual(await client.flush(), none);
  assert.equal(client.clock.timers, 0);
});

test('flush_EventsTracked_ResolvesWithWhatBecameOfThem', async () => {
  const client = new TestClient();

  client.trackMany(3);

  assert.deepEqual(await client.flush(), { ...none, accepted: 3 });
});

test('flush_WhileAnotherIsInFlight_CoversTheEventsTrackedInBetween', async () => {
  const client = new TestClient();
  let release = (): void => {};
  client.server.serve(
    (received) =>
      new Promise((resolve) => {
        release = () => resolve(accept(received));
      }),
    accept,
  );

  client.trackMany(1);
  const first = client.flush();
  await client.pass(0);
  client.trackMany(2);
  const second = client.flush();
  await client.pass(0);
  assert.deepEqual(client.server.sizes, [1]);
  release();

  assert.deepEqual(await first, { ...none, accepted: 1 });
  assert.deepEqual(await second, { ...none, accepted: 3 });
  assert.deepEqual(client.server.sizes, [1, 2]);
});

test('flush_EventsTrackedAfterwards_AreNotCounted', async () => {
  const client = new TestClient({}, [problem(503, 'overloaded'), accept]);

  client.trackMany(1);
  const flush = client.flush();
  await client.pass(0);
  client.trackMany(5);
  await client.pass(750);

  assert.deepEqual(await flush, { ...none, accepted: 1 });
});

test('flush_TimeIsOut_TellsWhatRemains', async () => {
  const client = new TestClient({}, [hang]);

  client.trackMany(3);
  const flush = client.flush({ timeoutMs: 2_000 });
  await client.pass(2_000);

  assert.deepEqual(await flush, { ...none, remaining: 3 });
  assert.equal(client.stats().inFlight, 3);
});

test('flush_Aborted_ResolvesWithWhatRemains', async () => {
  const client = new TestClient({}, [hang]);
  const controller = new AbortController();

  client.trackMany(3);
  const flush = client.flush({ signal: controller.signal });
  controller.abort();

  assert.deepEqual(await flush, { ...none, remaining: 3 });
  assert.deepEqual(await client.flush({ signal: controller.signal }), { ...none, remaining: 3 });
});

test('shutdown_EventsQueued_SendsThem', async () => {
  const client = new TestClient();

  client.trackMany(1_200);

  assert.deepEqual(await client.shutdown(), { ...none, accepted: 1_200 });
  assert.equal(client.clock.timers, 0);
});

test('shutdown_UnusedClient_ResolvesAtOnce', async () => {
  assert.deepEqual(await new TestClient().shutdown(), none);
});

test('shutdown_HungServer_DropsTheRestAtTheDeadlineAndAbortsTheRequest', async () => {
  const client = new TestClient({}, [hang]);

  const ids = client.trackMany(3);
  const shutdown = client.shutdown({ timeoutMs: 2_000 });
  await client.pass(2_000);

  assert.deepEqual(await shutdown, { ...none, dropped: 3 });
  assert.ok(client.server.received[0]?.request.signal.aborted);
  await client.pass(0);
  assert.deepEqual(
    client.drops.map(({ eventId, reason }) => ({ eventId, reason })),
    ids.map((eventId) => ({ eventId, reason: 'shutdown' })),
  );
  assert.deepEqual(client.stats().drops, { shutdown: 3 });
  assert.equal(client.clock.timers, 0);
});

test('shutdown_PauseBeyondTheDeadline_EndsAtOnce', async () => {
  const client = new TestClient({ flushAt: 1 }, [problem(429, 'rate_limited', {}, { 'retry-after': '60' })]);
  client.trackMany(1);
  await client.pass(0);

  const result = await client.shutdown();

  assert.deepEqual(result, { ...none, dropped: 1 });
});

test('shutdown_PauseThatComesDuringIt_EndsItAtOnce', async () => {
  const client = new TestClient({}, [problem(503, 'overloaded', {}, { 'retry-after': '60' })]);

  client.trackMany(1);

  assert.deepEqual(await client.shutdown(), { ...none, dropped: 1 });
});

test('shutdown_PauseWithinTheDeadline_WaitsAndSends', async () => {
  const client = new TestClient({}, [problem(503, 'overloaded', {}, { 'retry-after': '5' }), accept]);

  client.trackMany(1);
  const shutdown = client.shutdown();
  await client.pass(5_000);

  assert.deepEqual(await shutdown, { ...none, accepted: 1 });
});

test('shutdown_Twice_AwaitsTheFirst', async () => {
  const client = new TestClient();
  client.trackMany(1);

  const first = client.shutdown();

  assert.equal(client.shutdown(), first);
  assert.equal(client.flush(), first);
  assert.deepEqual(await first, { ...none, accepted: 1 });
});

test('track_AfterShutdown_DropsClosed', async () => {
  const client = new TestClient();
  await client.shutdown();

  const [eventId] = client.trackMany(1);
  await client.pass(0);

  assert.deepEqual(
    client.drops.map(({ eventId, reason }) => ({ eventId, reason })),
    [{ eventId, reason: 'closed' }],
  );
});

test('asyncDispose_EventsQueued_SendsThem', async () => {
  const client = new TestClient();
  client.trackMany(1);

  await client[Symbol.asyncDispose]();

  assert.equal(client.stats().accepted, 1);
});

test('callbacks_ThatThrowOrReject_BreakNothing', async () => {
  const fail = (): never => {
    throw new Error('callback');
  };
  const client = new TestClient(
    { onDrop: fail, onError: async () => fail(), onWarning: fail, logger: fail, flushAt: 1 },
    [
      problem(401, 'invalid_api_key'),
      ({ events }) =>
        answer(202, { accepted: events.length, rejected: 0, warnings: [{ index: 0, code: 'clock_shifted' }] }),
    ],
  );

  client.track({ userId: '', eventType: 'x' });
  client.track({ userId: 'u', eventType: 'Unusual' });
  await client.pass(5 * 60_000);

  assert.equal(client.stats().accepted, 1);
  assert.equal(client.stats().dropped, 1);
});

test('logger_EveryKindOfLine_IsWrittenOnceAMinute', async () => {
  const client = new TestClient();

  for (let i = 0; i < 5; i++) client.track({ userId: '', eventType: 'x' });
  await client.pass(0);
  assert.equal(client.lines.length, 1);
  await client.pass(60_000);
  client.track({ userId: '', eventType: 'x' });
  await client.pass(0);

  assert.equal(client.lines.length, 2);
  assert.match(client.lines[1] ?? '', /4 more/);
});

test('logger_WhateverHappens_ShowsNoDataOfEventsOrKeys', async () => {
  const marker = 'marker-4711';
  const client = new TestClient({ apiKey: `sk_test_${marker}`, flushAt: 1, maxQueueEvents: 2 }, [
    () => answer(503, { code: marker, detail: marker }),
    problem(401, 'invalid_api_key', { detail: marker }),
    ({ events }) =>
      answer(202, {
        accepted: 0,
        rejected: events.length,
        errors: events.map((_, index) => ({ index, code: marker, message: marker })),
      }),
  ]);

  client.track({ userId: marker, eventType: `Type ${marker}`, payload: { marker } });
  client.track({ userId: marker.repeat(100), eventType: 'x' });
  client.identify({ userId: 'u', traits: { marker } });
  client.trackMany(3, { userId: marker });
  await client.pass(30 * 60_000);
  await client.shutdown();

  assert.ok(client.lines.length >= 5, `${client.lines}`);
  assert.doesNotMatch(client.lines.join('\n'), new RegExp(marker));
});
