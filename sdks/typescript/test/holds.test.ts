import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accept, type Handler, problem } from './support/fake-server.js';
import { TestClient } from './support/test-client.js';

const minute = 60_000;
const refused = problem(401, 'invalid_api_key');

test('hold_401_TellsOnceAndTriesAnotherEventEachTime', async () => {
  const client = new TestClient({ flushAt: 3 }, [refused]);

  const ids = client.trackMany(3);
  await client.pass(0);
  await client.pass(15 * minute);

  assert.deepEqual(client.server.sizes, [3, 1, 1, 1]);
  assert.deepEqual(client.sentIds.slice(3), ids);
  assert.deepEqual(client.errors, [
    {
      kind: 'configuration',
      status: 401,
      code: 'invalid_api_key',
      message: 'The server refuses the key (401 invalid_api_key). Events are held.',
    },
  ]);
  assert.deepEqual(client.drops, []);
});

test('hold_KeyWorksAgain_ContinuesInHalves', async () => {
  const client = new TestClient({ flushAt: 10 }, [refused, accept]);

  client.trackMany(10);
  await client.pass(5 * minute);

  assert.deepEqual(client.server.sizes, [10, 1, 5, 4]);
  assert.equal(client.stats().accepted, 10);
});

test('hold_SecondEpisode_TellsAgain', async () => {
  const client = new TestClient({ flushAt: 1 }, [refused, accept, refused, accept]);

  client.trackMany(1);
  await client.pass(5 * minute);
  client.trackMany(1);
  await client.pass(5 * minute);

  assert.equal(client.errors.length, 2);
  assert.equal(client.stats().accepted, 2);
});

test('hold_FlushAndNewEvents_DoNotBypassIt', async () => {
  const client = new TestClient({ flushAt: 1 }, [refused]);

  client.trackMany(1);
  await client.pass(0);
  client.trackMany(10);
  const flush = client.flush({ timeoutMs: minute });
  await client.pass(minute);

  assert.deepEqual(await flush, { accepted: 0, rejected: 0, dropped: 0, remaining: 11 });
  assert.deepEqual(client.server.sizes, [1]);
});

for (const status of [302, 403, 404, 405])
  test(`hold_${status}_HoldsEvents`, async () => {
    const client = new TestClient({ flushAt: 1 }, [problem(status, 'any')]);

    client.trackMany(1);
    await client.pass(0);

    assert.deepEqual(
      client.errors.map(({ kind, status }) => ({ kind, status })),
      [{ kind: 'configuration', status }],
    );
    assert.equal(client.stats().queued, 1);
  });

test('hold_FirewallThatRefusesOneEvent_DropsOnlyThat', async () => {
  const firewall: Handler = (received) =>
    (received.events.some(({ payload }) => payload?.n === 5) ? problem(403, 'blocked') : accept)(received);
  const client = new TestClient({}, [firewall]);

  const ids = client.trackMany(16);
  void client.flush();
  await client.pass(60 * minute);

  assert.equal(client.stats().accepted, 15);
  assert.deepEqual(
    client.drops.map(({ eventId, reason }) => ({ eventId, reason })),
    [{ eventId: ids[5], reason: 'rejected' }],
  );
});

test('hold_OneEventWhileTheKeyIsRevoked_IsNeverDroppedForIt', async () => {
  const client = new TestClient({ flushAt: 1 }, [refused]);

  client.trackMany(2);
  await client.pass(23 * 60 * minute);
  client.server.serve(accept);
  await client.pass(10 * minute);

  assert.equal(client.stats().accepted, 2);
});

test('quota_SevenOfTwentyFit_SendsSevenOnceAndThenTriesOne', async () => {
  const client = new TestClient({ flushAt: 20 }, [
    problem(429, 'quota_exceeded', { remaining: 7 }, { 'retry-after': '2678400' }),
    accept,
    problem(429, 'quota_exceeded', { remaining: 0 }),
    accept,
  ]);

  client.trackMany(20);
  await client.pass(0);
  assert.deepEqual(client.server.sizes, [20, 7]);
  await client.pass(15 * minute);
  assert.deepEqual(client.server.sizes, [20, 7, 1]);
  await client.pass(15 * minute);

  assert.deepEqual(client.server.sizes, [20, 7, 1, 1, 12]);
  assert.equal(client.stats().accepted, 20);
  assert.deepEqual(
    client.errors.map(({ kind }) => kind),
    ['quota'],
  );
});

test('quota_NoneFits_HoldsAtOnce', async () => {
  const client = new TestClient({ flushAt: 20 }, [problem(429, 'quota_exceeded', { remaining: 0 })]);

  client.trackMany(20);
  await client.pass(14 * minute);

  assert.deepEqual(client.server.sizes, [20]);
});

test('quota_TheFittingEventsFail_AreSentAgain', async () => {
  const client = new TestClient({ flushAt: 20 }, [
    problem(429, 'quota_exceeded', { remaining: 7 }),
    problem(500, 'internal_error'),
    accept,
  ]);

  client.trackMany(20);
  await client.pass(minute);

  assert.deepEqual(client.server.sizes, [20, 7, 7]);
});

test('quota_ProbeFailsForAnotherReason_StaysHeld', async () => {
  const client = new TestClient({ flushAt: 5 }, [
    problem(429, 'quota_exceeded'),
    problem(500, 'internal_error'),
    problem(429, 'quota_exceeded'),
  ]);

  client.trackMany(5);
  await client.pass(16 * minute);

  assert.deepEqual(client.server.sizes, [5, 1, 1]);
  assert.equal(client.errors.length, 1);
});
