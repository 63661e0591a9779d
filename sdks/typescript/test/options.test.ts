import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserDefaults, readOptions, type SegOpsOptions, serverDefaults } from '../src/core/options.js';

const required = { apiUrl: 'https://api.test', apiKey: 'sk_live_key' };

function read(options: object) {
  return readOptions({ ...required, ...options } as SegOpsOptions, serverDefaults);
}

test('readOptions_RequiredOnly_HasTheDefaults', () => {
  assert.deepEqual(read({}), {
    url: 'https://api.test/api/ingestion/track/batch/',
    apiKey: 'sk_live_key',
    enabled: true,
    gzip: true,
    flushAt: 100,
    flushIntervalMs: 5_000,
    maxBatchBytes: 2 * 1024 * 1024,
    maxQueueEvents: 10_000,
    maxQueueBytes: 32 * 1024 * 1024,
    requestTimeoutMs: 15_000,
    backoffBaseMs: 1_000,
    backoffMaxMs: 60_000,
    maxEventAgeMs: 86_400_000,
    shutdownTimeoutMs: 10_000,
    quotaProbeIntervalMs: 900_000,
    configurationProbeIntervalMs: 300_000,
    byteLimitMs: 600_000,
  });
});

test('readOptions_Browser_HasDefaultsOfItsOwn', () => {
  const { flushAt, flushIntervalMs, maxBatchBytes, maxQueueBytes, maxEventAgeMs } = readOptions(
    required,
    browserDefaults,
  );

  assert.deepEqual(
    { flushAt, flushIntervalMs, maxBatchBytes, maxQueueBytes, maxEventAgeMs },
    {
      flushAt: 20,
      flushIntervalMs: 3_000,
      maxBatchBytes: 524_288,
      maxQueueBytes: 2_097_152,
      maxEventAgeMs: 604_800_000,
    },
  );
});

const refused: [name: string, options: object, message: RegExp][] = [
  ['no key', { apiKey: undefined }, /apiKey is missing/],
  ['empty key', { apiKey: '' }, /apiKey is missing/],
  ['key with a line break', { apiKey: 'sk_live_key\n' }, /apiKey has white space/],
  ['no URL', { apiUrl: undefined }, /apiUrl must be an absolute URL/],
  ['relative URL', { apiUrl: '/api' }, /apiUrl must be an absolute URL/],
  ['other scheme', { apiUrl: 'ftp://api.test' }, /apiUrl must begin with https/],
  ['http to another host', { apiUrl: 'http://api.test' }, /allowInsecure/],
  ['http to a host that looks like loopback', { apiUrl: 'http://127.0.0.1.example.com' }, /allowInsecure/],
  ['user in the URL', { apiUrl: 'https://user:password@api.test' }, /no user/],
  ['query in the URL', { apiUrl: 'https://api.test?key=1' }, /query/],
  ['flushAt of 0', { flushAt: 0 }, /flushAt must be a number from 1/],
  ['text as time', { flushIntervalMs: '5s' }, /flushIntervalMs must be a number/],
  ['NaN', { maxQueueEvents: Number.NaN }, /maxQueueEvents must be a number/],
  ['time that no timer holds', { requestTimeoutMs: 2 ** 31 }, /requestTimeoutMs must be a number from 1 to 2147483647/],
  [
    'batch above the limit of the server',
    { maxBatchBytes: 10_485_761 },
    /maxBatchBytes must be a number from 1 to 10485760/,
  ],
];
for (const [name, options, message] of refused)
  test(`readOptions_${name}_Throws`, () => {
    assert.throws(() => read(options), message);
  });

test('readOptions_MessageOfABadKey_ShowsNoKey', () => {
  assert.throws(
    () => read({ apiKey: 'sk_live_secret ' }),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('readOptions_HttpToLoopback_IsAllowed', () => {
  for (const host of ['localhost:8080', '127.0.0.1', '127.1.2.3:1', '[::1]:8080', 'segops.localhost'])
    assert.equal(read({ apiUrl: `http://${host}` }).url, `http://${host}/api/ingestion/track/batch/`);
});

test('readOptions_AllowInsecure_AllowsHttp', () => {
  assert.equal(
    read({ apiUrl: 'http://api.test', allowInsecure: true }).url,
    'http://api.test/api/ingestion/track/batch/',
  );
});

test('readOptions_Disabled_NeedsNoKey', () => {
  assert.equal(readOptions({ enabled: false } as SegOpsOptions, serverDefaults).enabled, false);
});
