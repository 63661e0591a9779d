import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SegOpsClient } from '../src/browser.js';
import type { SegOpsOptions } from '../src/core/options.js';
import type { ClientError, Drop } from '../src/core/types.js';
import { FakeBrowser, until } from './support/fake-browser.js';
import { settle } from './support/fake-clock.js';
import { accept, FakeServer, type Handler, hang, problem } from './support/fake-server.js';

interface Page {
  segops: SegOpsClient;
  server: FakeServer;
  drops: Drop[];
  errors: ClientError[];
}

/** Opens a page with a client and a server of its own. */
function open(context: TestContext, options: Partial<SegOpsOptions> = {}, ...handlers: Handler[]): Page {
  const server = new FakeServer(...handlers);
  const drops: Drop[] = [];
  const errors: ClientError[] = [];
  const segops = new SegOpsClient({
    apiUrl: 'https://api.test',
    apiKey: 'pk_test_key',
    transport: server.transport,
    gzip: false,
    logger: () => {},
    onDrop: (drop) => drops.push(drop),
    onError: (error) => errors.push(error),
    ...options,
  });
  context.after(() => segops.shutdown({ timeoutMs: 1 }));
  return { segops, server, drops, errors };
}

const event = { userId: 'user-1', eventType: 'page_viewed' };

test('constructor_SecretKey_ThrowsWithTheReason', () => {
  new FakeBrowser();
  for (const apiKey of ['sk_live_abc', 'sk_test_abc'])
    assert.throws(
      () => new SegOpsClient({ apiUrl: 'https://api.test', apiKey }),
      (error) =>
        error instanceof TypeError &&
        /secret key.*Use a publishable key/s.test(error.message) &&
        !error.message.includes('abc'),
    );
});

test('track_Delivered_IsStoredNoMore', async (context) => {
  const browser = new FakeBrowser();
  const { segops, server } = open(context);

  const id = segops.track(event);
  await until(async () => (await browser.stored()).includes(id));
  await segops.flush();

  assert.deepEqual(
    server.received[0]?.events.map(({ event_id }) => event_id),
    [id],
  );
  await until(async () => (await browser.stored()).length === 0);
});

test('send_InPage_HasNoUserAgent', async (context) => {
  new FakeBrowser();
  const { segops, server } = open(context);

  segops.track(event);
  await segops.flush();

  assert.deepEqual(Object.keys(server.received[0]?.request.headers ?? {}), ['Authorization', 'Content-Type']);
});

test('adopt_PageEndedBeforeTheAnswer_NextPageSendsTheSameEvents', async (context) => {
  const browser = new FakeBrowser();
  const first = open(context, {}, hang);
  const ids = [1, 2, 3].map((n) => first.segops.track({ ...event, payload: { n } }));
  await until(async () => (await browser.stored()).length === 3);
  browser.crash();

  const second = open(context);
  await until(() => second.segops.stats().accepted === 3);

  assert.deepEqual(
    second.server.received.flatMap(({ events }) => events.map(({ event_id }) => event_id)),
    ids,
  );
  assert.equal(second.segops.stats().tracked, 3);
  await until(async () => (await browser.stored()).length === 0);
});

test('adopt_PageIsAlive_LeavesItsEventsToIt', async (context) => {
  const browser = new FakeBrowser();
  const first = open(context);
  first.segops.track(event);
  await until(async () => (await browser.stored()).length === 1);

  const second = open(context);
  second.segops.track(event);
  await until(async () => (await browser.stored()).length === 2);
  await second.segops.flush();

  assert.deepEqual(second.server.sizes, [1]);
  assert.equal(first.segops.stats().queued, 1);
});

test('adopt_EventsOfWeeksAgo_Expire', async (context) => {
  const browser = new FakeBrowser();
  const first = open(context, {}, hang);
  first.segops.track(event);
  await until(async () => (await browser.stored()).length === 1);
  browser.crash();

  context.mock.method(Date, 'now', () => 7 * 86_400_000 + performance.timeOrigin + performance.now());
  const second = open(context);
  await until(() => second.segops.stats().dropped === 1);

  await until(() => second.drops[0]?.reason === 'expired');
  await until(async () => (await browser.stored()).length === 0);
  assert.deepEqual(second.server.sizes, []);
});

test('adopt_OtherStore_IsLeftAlone', async (context) => {
  const browser = new FakeBrowser();
  const first = open(context, { persistence: 'shop' }, hang);
  first.segops.track(event);
  await until(async () => (await browser.stored('shop')).length === 1);
  browser.crash();

  const second = open(context);
  second.segops.track(event);
  await second.segops.flush();

  assert.deepEqual(second.server.sizes, [1]);
  assert.equal((await browser.stored('shop')).length, 1);
});

test('send_TwoPages_OneAtATime', async (context) => {
  new FakeBrowser();
  let requests = 0;
  let most = 0;
  const slow: Handler = async (received) => {
    most = Math.max(most, ++requests);
    await settle();
    requests--;
    return accept(received);
  };
  const pages = [1, 2, 3].map(() => open(context, { flushAt: 1 }, slow));

  for (const { segops } of pages) for (let n = 0; n < 5; n++) segops.track(event);
  await Promise.all(pages.map(({ segops }) => segops.flush()));

  assert.equal(most, 1);
});

test('pagehide_EventsQueued_SendsThemBeforeThePageIsGone', async (context) => {
  const browser = new FakeBrowser();
  const { segops, server } = open(context);
  const id = segops.track(event);

  browser.dispatch('pagehide');

  // Without waiting: a closed page does nothing later.
  const [received] = server.received;
  assert.equal(received?.url, 'https://api.test/api/ingestion/track/batch/?key=pk_test_key');
  assert.equal(received?.request.keepalive, true);
  assert.equal(typeof received?.request.body, 'string');
  assert.deepEqual(received?.request.headers, {});
  assert.deepEqual(
    received?.events.map(({ event_id }) => event_id),
    [id],
  );
  await until(() => segops.stats().accepted === 1);
});

test('hidden_MoreThan60KB_SendsWhatFits', async (context) => {
  const browser = new FakeBrowser();
  const { segops, server } = open(context, { flushAt: 1_000 }, hang);
  for (let n = 0; n < 10; n++) segops.track({ ...event, payload: { text: 'x'.repeat(10_000) } });

  browser.hide();
  browser.dispatch('pagehide');

  assert.deepEqual(server.sizes, [5]);
  assert.ok((server.received[0]?.request.body.length ?? 0) <= 60_000);
  assert.equal(segops.stats().inFlight, 5);
});

test('hidden_NothingQueued_SendsNothing', (context) => {
  const browser = new FakeBrowser();
  const { server } = open(context);

  browser.hide();

  assert.deepEqual(server.sizes, []);
});

test('hidden_WhileTheServerAsksForAPause_SendsNothing', async (context) => {
  const browser = new FakeBrowser();
  const { segops, server } = open(context, {}, problem(429, 'rate_limited', {}, { 'retry-after': '60' }));
  segops.track(event);
  void segops.flush({ timeoutMs: 1 });
  await until(() => segops.stats().inFlight === 0 && server.sizes.length === 1);

  browser.hide();

  assert.deepEqual(server.sizes, [1]);
});

test('hidden_RequestInFlight_SendsTheOthers', async (context) => {
  const browser = new FakeBrowser();
  const { segops, server } = open(context, { flushAt: 1 }, hang);
  segops.track(event);
  await until(() => server.sizes.length === 1);
  segops.track(event);
  segops.track(event);

  browser.hide();

  assert.deepEqual(server.sizes, [1, 2]);
});

test('pagehide_KeptForTheBackButton_LetsOthersTakeItsEvents', async (context) => {
  const browser = new FakeBrowser();
  const first = open(context, {}, hang);
  const id = first.segops.track(event);
  await until(async () => (await browser.stored()).length === 1);
  browser.dispatch('pagehide', true);

  const second = open(context);
  await until(() => second.segops.stats().accepted === 1);

  assert.equal(second.server.received[0]?.events[0]?.event_id, id);
});

test('pageshow_FromTheBackButton_KeepsItsEventsAgain', async (context) => {
  const browser = new FakeBrowser();
  const first = open(context, {}, hang);
  first.segops.track(event);
  await until(async () => (await browser.stored()).length === 1);
  browser.dispatch('pagehide', true);
  browser.dispatch('pageshow', true);

  const second = open(context);
  second.segops.track(event);
  await second.segops.flush();

  assert.deepEqual(second.server.sizes, [1]);
});

test('online_NetworkIsBack_SendsAtOnce', async (context) => {
  const browser = new FakeBrowser();
  browser.navigator.onLine = false;
  const { segops, server } = open(context, { flushAt: 1 });
  segops.track(event);
  await until(async () => (await browser.stored()).length === 1);
  assert.deepEqual(server.sizes, []);

  browser.navigator.onLine = true;
  browser.dispatch('online');

  await until(() => segops.stats().accepted === 1);
});

test('shutdown_EventsNotDelivered_StayForTheNextPage', async (context) => {
  const browser = new FakeBrowser();
  const first = open(context, {}, hang);
  first.segops.track(event);
  await until(async () => (await browser.stored()).length === 1);

  assert.deepEqual(await first.segops.shutdown({ timeoutMs: 1 }), {
    accepted: 0,
    rejected: 0,
    dropped: 0,
    remaining: 1,
  });

  assert.deepEqual(first.drops, []);
  const second = open(context);
  await until(() => second.segops.stats().accepted === 1);
});

test('shutdown_Afterwards_IgnoresThePage', async (context) => {
  const browser = new FakeBrowser();
  const { segops, server } = open(context, {}, hang);
  segops.track(event);
  await segops.shutdown({ timeoutMs: 1 });
  const before = server.sizes.length;

  browser.hide();

  assert.equal(server.sizes.length, before);
});

test('track_StorageFails_TellsOnceAndSendsFromMemory', async (context) => {
  new FakeBrowser();
  context.mock.method(indexedDB, 'open', () => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  const { segops, server, errors, drops } = open(context, {}, accept, hang);

  segops.track(event);
  segops.track(event);
  assert.equal((await segops.flush()).accepted, 2);
  segops.track(event);
  await segops.shutdown({ timeoutMs: 1 });

  await until(() => drops.length === 1);
  assert.deepEqual(
    errors.map(({ kind }) => kind),
    ['storage'],
  );
  assert.deepEqual(
    drops.map(({ reason }) => reason),
    ['shutdown'],
  );
  assert.equal(server.sizes[0], 2);
});

test('track_NoWebLocks_TellsAndSendsFromMemory', async (context) => {
  const browser = new FakeBrowser();
  delete browser.navigator.locks;
  const { segops, errors } = open(context);

  segops.track(event);
  assert.equal((await segops.flush()).accepted, 1);

  assert.deepEqual(
    errors.map(({ kind }) => kind),
    ['storage'],
  );
  assert.deepEqual(await browser.stored(), []);
});

test('track_WebLocksForbidden_StillSends', async (context) => {
  const browser = new FakeBrowser();
  browser.locks.request = async () => {
    throw new DOMException('sandboxed', 'SecurityError');
  };
  const { segops, errors } = open(context);

  segops.track(event);
  assert.equal((await segops.flush()).accepted, 1);

  await until(() => errors.length === 1);
  assert.equal(errors[0]?.kind, 'storage');
});

test('track_PersistenceOff_StoresNothing', async (context) => {
  const browser = new FakeBrowser();
  const { segops, errors } = open(context, { persistence: false });

  segops.track(event);
  await segops.flush();

  assert.deepEqual(await browser.stored(), []);
  assert.deepEqual(errors, []);
});

test('constructor_Disabled_TouchesNothing', async (context) => {
  const browser = new FakeBrowser();
  const { segops, server } = open(context, { enabled: false });

  segops.track(event);
  browser.hide();

  assert.deepEqual(server.sizes, []);
  assert.deepEqual(await browser.locks.query(), { held: [] });
});
