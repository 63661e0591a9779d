import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswer, type Verdict } from '../src/core/answers.js';
import { exhaustedMs, retryAfterMs } from '../src/core/rate-headers.js';
import { answer } from './support/fake-server.js';

const now = Date.UTC(2026, 0, 2);

function read(status: number, body: unknown = '', headers = {}, compressed = false): Promise<Verdict> {
  return readAnswer(answer(status, body, headers), 3, compressed, now);
}

test('readAnswer_202ThatCountsAllEvents_IsDecided', async () => {
  const body = { accepted: 2, rejected: 1, errors: [{ index: 1, field: 'user_id', code: 'required', message: 'm' }] };

  const verdict = await read(202, body);

  assert.equal(verdict.kind, 'decided');
  assert.deepEqual(verdict.kind === 'decided' && verdict.errors.get(1), body.errors[0]);
});

const undelivered: [name: string, status: number, body: unknown][] = [
  ['200 with a page', 200, '<html>Sign in</html>'],
  ['200 with the right body', 200, { accepted: 3, rejected: 0 }],
  ['204', 204, ''],
  ['202 with broken JSON', 202, '{"accepted":3'],
  ['202 with wrong counts', 202, { accepted: 2, rejected: 0 }],
  ['202 with negative counts', 202, { accepted: 4, rejected: -1 }],
  ['202 with counts as text', 202, { accepted: '3', rejected: '0' }],
  ['202 with a list', 202, []],
  ['408', 408, ''],
  ['500', 500, ''],
  ['503', 503, '{"code":"stream_unavailable"}'],
  ['429 rate_limited', 429, { code: 'rate_limited' }],
  ['429 too_many_failures', 429, { code: 'too_many_failures' }],
  ['429 without code', 429, ''],
  ['400 bad_request', 400, { code: 'bad_request' }],
];
for (const [name, status, body] of undelivered)
  test(`readAnswer_${name}_IsTransient`, async () => {
    assert.equal((await read(status, body)).kind, 'transient');
  });

for (const status of [301, 302, 307, 401, 403, 404, 405, 0])
  test(`readAnswer_${status}_IsConfiguration`, async () => {
    assert.equal((await read(status)).kind, 'configuration');
  });

const split: [name: string, status: number, body: unknown, reason: string][] = [
  ['413', 413, { code: 'body_too_large' }, 'too_large'],
  ['400 batch_too_large', 400, { code: 'batch_too_large' }, 'rejected'],
  ['400 malformed_json', 400, { code: 'malformed_json' }, 'rejected'],
  ['400 without code', 400, '<html>', 'rejected'],
  ['400 validation_failed without indexes', 400, { code: 'validation_failed', errors: [{ index: -1 }] }, 'rejected'],
  ['415 for a plain body', 415, '', 'rejected'],
  ['451', 451, '', 'rejected'],
];
for (const [name, status, body, reason] of split)
  test(`readAnswer_${name}_IsSplit`, async () => {
    const verdict = await read(status, body);

    assert.equal(verdict.kind, 'split');
    assert.equal(verdict.kind === 'split' && verdict.reason, reason);
  });

test('readAnswer_415ForACompressedBody_AsksForAPlainOne', async () => {
  assert.equal((await read(415, '', {}, true)).kind, 'uncompressed');
});

test('readAnswer_QuotaExceeded_TellsWhatFits', async () => {
  assert.deepEqual(await read(429, { code: 'quota_exceeded', remaining: 7 }, { 'retry-after': '86400' }), {
    kind: 'quota',
    status: 429,
    code: 'quota_exceeded',
    remaining: 7,
  });
});

test('readAnswer_CodeWithOtherCharacters_IsNoCode', async () => {
  const verdict = await read(500, { code: 'user-123 secret' });

  assert.equal('code' in verdict, false);
});

test('retryAfterMs_SecondsAndDates_AreRead', () => {
  const read = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now);
  assert.equal(read({}), 0);
  assert.equal(read({ 'retry-after': '2' }), 2_000);
  assert.equal(read({ 'retry-after': '2678400' }), 2_678_400_000);
  assert.equal(read({ 'retry-after': new Date(now + 3_000).toUTCString() }), 3_000);
  assert.equal(read({ 'retry-after': new Date(now - 3_000).toUTCString() }), 0);
  assert.equal(read({ 'retry-after': 'soon' }), 0);
});

test('retryAfterMs_DateOfAServerWithAnotherClock_CountsFromItsDate', () => {
  const server = now - 3_600_000;
  const headers = { date: new Date(server).toUTCString(), 'retry-after': new Date(server + 4_000).toUTCString() };

  assert.equal(retryAfterMs(new Headers(headers), now), 4_000);
});

test('exhaustedMs_WindowsWithoutCallsLeft_GiveTheLongestTime', () => {
  const read = (ratelimit: string) => exhaustedMs(new Headers({ ratelimit }));
  assert.equal(exhaustedMs(new Headers()), 0);
  assert.equal(read('"minute";r=59;t=60, "month";r=499000;t=551957'), 0);
  assert.equal(read('"minute";r=0;t=12, "month";r=499000;t=551957'), 12_000);
  assert.equal(read('"address";r=0;t=12,"key";r=0;t=40'), 40_000);
});

test('exhaustedMs_QuotaUsedUp_IsNoPauseOfCalls', () => {
  assert.equal(exhaustedMs(new Headers({ ratelimit: '"minute";r=5;t=60, "month";r=0;t=551957' })), 0);
});
