import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accept, answer, type Handler, problem } from './support/fake-server.js';
import { assertAddsUp, TestClient } from './support/test-client.js';

/** What a server may do, from the ordinary to the absurd. The events of accepted answers are noted by the test. */
const answers: Record<string, Handler> = {
  accept,
  rejectFirst: ({ events }) =>
    answer(202, {
      accepted: events.length - 1,
      rejected: 1,
      errors: [{ index: 0, field: 'payload', code: 'x', message: 'm' }],
    }),
  wrongCounts: () => answer(202, { accepted: 0, rejected: 0 }),
  page: () => answer(200, '<html>'),
  invalid: problem(400, 'validation_failed', { errors: [{ index: 0 }, { index: 99_999 }] }),
  malformed: problem(400, 'malformed_json'),
  badRequest: problem(400, 'bad_request'),
  unauthorized: problem(401, 'invalid_api_key'),
  forbidden: problem(403, 'blocked'),
  redirect: () => answer(302),
  tooLarge: problem(413, 'body_too_large'),
  unsupported: problem(415, 'unsupported_media_type'),
  limited: problem(429, 'rate_limited', {}, { 'retry-after': '30' }),
  quota: problem(429, 'quota_exceeded', { remaining: 2 }),
  unavailable: problem(503, 'stream_unavailable', {}, { 'retry-after': '3' }),
  broken: () => {
    throw new Error('connection reset');
  },
  hanging: () => new Promise(() => {}),
};

type Step =
  | { do: 'track'; count: number; valid: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'flush' }
  | { do: 'shutdown' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('track'), count: fc.integer({ min: 1, max: 12 }), valid: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 0, max: 400_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shutdown') }) },
) as fc.Arbitrary<Step>;

test('stats_WhateverHappens_AddUpAndEveryLossHasOneDrop', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(answers)), { minLength: 1, maxLength: 12 }),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      async (serverSteps, clientSteps) => {
        const client = new TestClient({ flushAt: 5, maxQueueEvents: 20, maxEventAgeMs: 1_000_000 });
        const handlers = serverSteps.map((name): Handler => {
          const handler = answers[name] as Handler;
          return (received) => {
            assertAddsUp(client.stats());
            return handler(received);
          };
        });
        // At the end the server works, so that everything is decided.
        client.server.serve(...handlers, accept);
        const tracked: string[] = [];

        for (const step of clientSteps) {
          if (step.do === 'track') tracked.push(...client.trackMany(step.count, step.valid ? {} : { userId: '' }));
          else if (step.do === 'pass') await client.pass(step.ms);
          else void client[step.do]();
          assertAddsUp(client.stats());
        }
        await client.pass(4_000_000);

        const stats = client.stats();
        assertAddsUp(stats);
        assert.equal(stats.tracked, tracked.length);
        assert.equal(stats.queued + stats.inFlight, 0);
        assert.equal(client.server.mostOpen <= 1, true, 'one request at a time');
        const dropped = client.drops.map(({ eventId }) => eventId);
        assert.equal(new Set(dropped).size, dropped.length, 'one drop for each');
        assert.equal(dropped.length, stats.dropped + stats.rejected);
        const sent = new Set(client.sentIds);
        const lost = tracked.filter((id) => !sent.has(id) && !dropped.includes(id));
        assert.deepEqual(lost, []);
      },
    ),
    { numRuns: 300 },
  );
});
