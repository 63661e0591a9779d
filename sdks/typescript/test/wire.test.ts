import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { SegOpsOptions } from '../src/core/options.js';
import { SegOpsClient } from '../src/server.js';
import { acceptAll, type HttpHandler, reply, startServer } from './support/http-server.js';

async function start(context: TestContext, options: Partial<SegOpsOptions>, ...handlers: HttpHandler[]) {
  const server = await startServer(context, ...handlers);
  const segops = new SegOpsClient({
    apiUrl: server.url,
    apiKey: 'sk_test_key',
    backoffBaseMs: 1,
    logger: () => {},
    ...options,
  });
  context.after(() => segops.shutdown({ timeoutMs: 1 }));
  return { ...server, segops };
}

const event = { userId: 'user-1', eventType: 'page_viewed' };
const large = { ...event, payload: { text: 'x'.repeat(4_000) } };

test('send_OneEvent_IsThatRequest', async (context) => {
  const { segops, received } = await start(context, {});

  const id = segops.track(event);
  assert.equal((await segops.flush()).accepted, 1);

  const [request] = received;
  assert.equal(`${request?.method} ${request?.path}`, 'POST /api/ingestion/track/batch/');
  assert.equal(request?.headers.authorization, 'ApiKey sk_test_key');
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.equal(request?.headers['content-encoding'], undefined);
  assert.match(request?.headers['user-agent'] ?? '', /^segops-typescript\/\d+\.\d+\.\d+ \(node \d+\.\d+\.\d+; \w+\)$/);
  assert.deepEqual(
    request?.events.map(({ event_id }) => event_id),
    [id],
  );
});

test('send_PathInApiUrl_IsKept', async (context) => {
  const server = await startServer(context);
  const segops = new SegOpsClient({ apiUrl: `${server.url}/proxy/`, apiKey: 'k' });

  segops.track(event);
  await segops.shutdown();

  assert.equal(server.received[0]?.path, '/proxy/api/ingestion/track/batch/');
});

test('send_1KiBAndMore_IsCompressed', async (context) => {
  const { segops, received } = await start(context, {});

  segops.track(large);
  assert.equal((await segops.flush()).accepted, 1);

  assert.equal(received[0]?.headers['content-encoding'], 'gzip');
  assert.ok((received[0]?.wireBytes ?? Number.NaN) < 1_000);
});

test('send_GzipOff_IsPlain', async (context) => {
  const { segops, received } = await start(context, { gzip: false });

  segops.track(large);
  await segops.flush();

  assert.equal(received[0]?.headers['content-encoding'], undefined);
});

test('send_415_IsPlainFromThenOn', async (context) => {
  const refuse: HttpHandler = (_, response) => reply(response, 415, { code: 'unsupported_media_type' });
  const { segops, received } = await start(context, {}, refuse, acceptAll);

  segops.track(large);
  await segops.flush();
  segops.track(large);
  await segops.flush();

  assert.deepEqual(
    received.map(({ headers }) => headers['content-encoding']),
    ['gzip', undefined, undefined],
  );
  assert.equal(segops.stats().accepted, 2);
});

test('send_Redirect_IsNotFollowed', async (context) => {
  const errors: unknown[] = [];
  const redirect: HttpHandler = (_, response) => reply(response, 307, {}, { location: '/elsewhere' });
  const { segops, received } = await start(context, { onError: (error) => errors.push(error) }, redirect);

  segops.track(event);
  await segops.flush({ timeoutMs: 300 });

  assert.deepEqual(
    received.map(({ path }) => path),
    ['/api/ingestion/track/batch/'],
  );
  assert.equal(errors.length, 1);
});

const failures: Record<string, HttpHandler> = {
  Reset: (_, response) => response.socket?.resetAndDestroy(),
  Truncated: (_, response) => {
    response.writeHead(202, { 'content-length': '100' });
    response.write('{"accepted":1,');
    response.socket?.end();
  },
  NoAnswer: (_, response) => response.socket?.end(),
  Hang: () => {},
};
for (const [name, failure] of Object.entries(failures))
  test(`send_${name}_TriesAgainWithTheSameEvents`, async (context) => {
    const { segops, received } = await start(context, { requestTimeoutMs: 300 }, failure, acceptAll);

    const id = segops.track(event);
    assert.equal((await segops.flush()).accepted, 1);

    assert.deepEqual(
      received.map(({ events }) => events[0]?.event_id),
      [id, id],
    );
    assert.deepEqual(received[0]?.events, received[1]?.events);
  });

test('send_NobodyListens_KeepsTheEvents', async (context) => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const segops = new SegOpsClient({ apiUrl: `http://127.0.0.1:${port}`, apiKey: 'k', logger: () => {} });
  context.after(() => segops.shutdown({ timeoutMs: 1 }));

  segops.track(event);

  assert.equal((await segops.flush({ timeoutMs: 200 })).remaining, 1);
});
