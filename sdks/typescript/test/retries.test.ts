import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accept, answer, type Handler, hang, problem } from './support/fake-server.js';
import { TestClient } from './support/test-client.js';

const unavailable = problem(503, 'stream_unavailable');
const minute = 60_000;

/** Refuses requests with the event `{"n": poison}`. */
function refuse(poison: number, refusal: Handler): Handler {
  return (received) => (received.events.some(({ payload }) => payload?.n === poison) ? refusal : accept)(received);
}

test('send_Failures_WaitsTwiceAsLongEachTimeUpToTheLimit', async () => {
  const client = new TestClient({ backoffMaxMs: 4_000 }, [unavailable]);
  const times: number[] = [];
  client.server.serve((received) => {
    times.push(client.clock.elapsed());
    return unavailable(received);
  });

  client.trackMany(1);
  void client.flush();
  await client.pass(20_000);

  const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  assert.deepEqual(waits.slice(0, 5), [750, 1_500, 3_000, 3_000, 3_000]);
});

test('send_FailureThenSuccess_SendsTheSameEventsAndStartsWaitingAnew', async () => {
  const client = new TestClient({ flushAt: 2 }, [unavailable, unavailable, accept, unavailable, accept]);

  const ids = client.trackMany(2);
  await client.pass(750 + 1_500);
  assert.deepEqual(client.sentIds, [...ids, ...ids, ...ids]);
  client.trackMany(2);
  await client.pass(750);

  assert.equal(client.stats().accepted, 4);
  assert.deepEqual(client.server.received[0]?.events, client.server.received[2]?.events);
});

test('send_RetryAfterLongerThanTheBackoff_WaitsAsAsked', async () => {
  const client = new TestClient({ flushAt: 1 }, [problem(503, 'overloaded', {}, { 'retry-after': '90' }), accept]);

  client.trackMany(1);
  await client.pass(89_999);
  client.trackMany(5);
  void client.flush();
  await client.pass(0);
  assert.deepEqual(client.server.sizes, [1]);
  await client.pass(1);

  assert.deepEqual(client.server.sizes, [1, 6]);
});

test('send_RetryAfterOfAMonth_MakesNoRequestInBetween', async () => {
  const client = new TestClient({ flushAt: 1, maxEventAgeMs: 90 * 24 * 60 * minute }, [
    problem(429, 'rate_limited', {}, { 'retry-after': '2678400' }),
    accept,
  ]);

  client.trackMany(1);
  await client.pass(2_678_399_999);
  assert.deepEqual(client.server.sizes, [1]);
  await client.pass(1);

  assert.deepEqual(client.server.sizes, [1, 1]);
});

test('send_CallsUsedUpBy202_WaitsBeforeTheNext', async () => {
  const used: Handler = ({ events }) =>
    answer(202, { accepted: events.length, rejected: 0 }, { ratelimit: '"minute";r=0;t=12' });
  const client = new TestClient({ flushAt: 1 }, [used, accept]);

  client.trackMany(1);
  await client.pass(0);
  client.trackMany(1);
  await client.pass(11_999);
  assert.deepEqual(client.server.sizes, [1]);
  await client.pass(1);

  assert.deepEqual(client.server.sizes, [1, 1]);
});

test('send_TransportHangs_GivesUpAfterTheTimeAndTriesAgain', async () => {
  const client = new TestClient({ transport: () => new Promise(() => {}) });

  client.trackMany(1);
  void client.flush({ timeoutMs: minute });
  await client.pass(0);
  assert.equal(client.stats().inFlight, 1);
  await client.pass(15_000);
  assert.equal(client.stats().inFlight, 0);
  await client.pass(750);

  assert.equal(client.stats().inFlight, 1);
});

test('send_TransportThrows_TriesAgain', async () => {
  let calls = 0;
  const client = new TestClient({
    transport: () => {
      if (++calls <= 3) throw null;
      return Promise.resolve(answer(202, { accepted: 1, rejected: 0 }));
    },
  });

  client.trackMany(1);
  void client.flush();
  await client.pass(750 + 1_500 + 3_000);

  assert.equal(client.stats().accepted, 1);
});

test('send_202WithRejections_DropsExactlyThose', async () => {
  const rejected = [0, 249, 499];
  const client = new TestClient({}, [
    () =>
      answer(202, {
        accepted: 497,
        rejected: 3,
        errors: rejected.map((index) => ({ index, field: 'user_id', code: 'invalid_characters', message: 'm' })),
        warnings: [{ index: 1, field: 'x', code: 'unknown_field', message: 'w' }],
      }),
  ]);

  const ids = client.trackMany(500);
  const result = await client.flush();

  assert.deepEqual(result, { accepted: 497, rejected: 3, dropped: 0, remaining: 0 });
  assert.deepEqual(
    client.drops,
    rejected.map((index) => ({
      eventId: ids[index],
      eventType: 'page_viewed',
      reason: 'rejected',
      status: 202,
      index,
      field: 'user_id',
      code: 'invalid_characters',
      message: 'm',
    })),
  );
  assert.deepEqual(client.warnings, [{ eventId: ids[1], field: 'x', code: 'unknown_field', message: 'w' }]);
  assert.equal(client.stats().rejected, 3);
  assert.equal(client.stats().dropped, 0);
});

test('send_ValidationFailed_DropsThoseWithAnErrorAndSendsTheOthersAgain', async () => {
  const failed = problem(400, 'validation_failed', {
    errors: [{ index: 1, field: 'payload', code: 'wrong_type', message: 'm' }],
  });
  const client = new TestClient({}, [failed, accept]);

  const ids = client.trackMany(3);
  const result = await client.flush();

  assert.deepEqual(result, { accepted: 2, rejected: 1, dropped: 0, remaining: 0 });
  assert.deepEqual(
    client.drops.map(({ eventId, status }) => ({ eventId, status })),
    [{ eventId: ids[1], status: 400 }],
  );
});

test('send_MalformedJson_IsolatesTheEventAtFaultByHalves', async () => {
  const client = new TestClient({}, [refuse(41, problem(400, 'malformed_json'))]);

  const ids = client.trackMany(64);
  void client.flush({ timeoutMs: 10 * minute });
  await client.pass(10 * minute);

  assert.equal(client.stats().accepted, 63);
  assert.deepEqual(
    client.drops.map(({ eventId, reason, code }) => ({ eventId, reason, code })),
    [{ eventId: ids[41], reason: 'rejected', code: 'malformed_json' }],
  );
  assert.ok(client.server.sizes.length <= 14, `${client.server.sizes}`);
});

test('send_AfterTheEventAtFaultIsFound_FillsBatchesAgain', async () => {
  const client = new TestClient({}, [refuse(0, problem(400, 'malformed_json'))]);

  client.trackMany(64);
  void client.flush({ timeoutMs: 10 * minute });
  await client.pass(10 * minute);

  assert.deepEqual(client.server.sizes, [64, 32, 16, 8, 4, 2, 1, 63]);
});

test('send_413_HalvesTheBytesForTenMinutes', async () => {
  const client = new TestClient({ flushAt: 64 }, [
    (received) => (received.events.length > 8 ? problem(413, 'body_too_large') : accept)(received),
  ]);

  client.trackMany(64);
  await client.pass(2 * minute);
  assert.equal(client.stats().accepted, 64);
  const before = client.server.sizes.length;
  client.trackMany(64);
  await client.pass(0);
  assert.ok(
    client.server.sizes.slice(before).every((size) => size <= 8),
    'the smaller limit lasts',
  );
  client.server.serve(accept);
  await client.pass(10 * minute);
  client.trackMany(64);
  await client.pass(0);

  assert.equal(client.server.sizes.at(-1), 64);
});

test('send_413ForOneEvent_DropsIt', async () => {
  const client = new TestClient({}, [problem(413, 'body_too_large'), accept]);

  client.trackMany(1);
  await client.flush();

  assert.deepEqual(
    client.drops.map(({ reason, status }) => ({ reason, status })),
    [{ reason: 'too_large', status: 413 }],
  );
});

test('send_BadRequestAgainAndAgain_IsTakenForTheEventsFaultAfterThree', async () => {
  const client = new TestClient({}, [refuse(1, problem(400, 'bad_request'))]);

  client.trackMany(2);
  void client.flush({ timeoutMs: 10 * minute });
  await client.pass(10 * minute);

  assert.equal(client.stats().accepted, 1);
  assert.deepEqual(
    client.drops.map(({ reason, code }) => ({ reason, code })),
    [{ reason: 'rejected', code: 'bad_request' }],
  );
});

test('send_EventTooOldAfterFailures_Expires', async () => {
  const client = new TestClient({ maxEventAgeMs: 10_000 }, [problem(503, 'overloaded', {}, { 'retry-after': '3600' })]);

  client.trackMany(1);
  const flush = client.flush({ timeoutMs: minute });
  await client.pass(9_999);
  assert.equal(client.stats().queued, 1);
  await client.pass(1);

  assert.deepEqual(
    client.drops.map(({ reason }) => reason),
    ['expired'],
  );
  assert.deepEqual(await flush, { accepted: 0, rejected: 0, dropped: 1, remaining: 0 });
});

test('send_DeviceClockCorrectedByYears_ExpiresNothing', async () => {
  const client = new TestClient();
  client.clock.setWall(5_000);

  client.trackMany(1);
  client.clock.setWall(Date.UTC(2026, 0, 2));
  await client.flush();

  assert.equal(client.stats().accepted, 1);
});

test('send_HungServer_QueuesUpToTheBoundAndNeverMakesASecondRequest', async () => {
  const client = new TestClient({}, [hang]);

  client.trackMany(20_000);
  await client.pass(0);

  assert.deepEqual(client.stats(), {
    tracked: 20_000,
    accepted: 0,
    rejected: 0,
    dropped: 10_000,
    queued: 9_500,
    inFlight: 500,
    drops: { queue_full: 10_000 },
  });
  assert.equal(client.drops.length, 10_000);
  assert.equal(client.server.mostOpen, 1);
});

test('send_Offline_MakesNoRequestUntilTheNetworkIsBack', async () => {
  let online = false;
  const client = new (class extends TestClient {
    back(): void {
      online = true;
      this.wake();
    }
  })({ flushAt: 1 }, [], { online: () => online });

  client.trackMany(1);
  await client.pass(60 * minute);
  assert.deepEqual(client.server.sizes, []);
  client.back();
  await client.pass(0);

  assert.deepEqual(client.server.sizes, [1]);
});

test('send_413WithRetryAfter_WaitsBeforeTheHalves', async () => {
  const client = new TestClient({ flushAt: 2 }, [problem(413, 'body_too_large', {}, { 'retry-after': '30' }), accept]);

  client.trackMany(2);
  await client.pass(29_999);
  assert.deepEqual(client.server.sizes, [2]);
  await client.pass(1);

  assert.deepEqual(client.server.sizes, [2, 1, 1]);
});
