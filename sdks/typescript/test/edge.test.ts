import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SegOpsClient } from '../src/edge.js';
import { FakeServer } from './support/fake-server.js';

const options = { apiUrl: 'https://api.test', apiKey: 'sk_test_key', logger: () => {} };

test('track_WaitUntilOfTheHost_SendsBeforeTheInvocationEnds', async () => {
  const server = new FakeServer();
  const waits: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>): void => {
    waits.push(promise);
  };
  const segops = new SegOpsClient({ ...options, transport: server.transport, waitUntil });

  segops.track({ userId: 'user-1', eventType: 'page_viewed' });
  segops.track({ userId: 'user-1', eventType: 'page_viewed' });
  await Promise.all(waits);

  assert.deepEqual(server.sizes, [2]);
  assert.match(server.received[0]?.request.headers['User-Agent'] ?? '', /^segops-typescript\/\S+ \(.+; edge\)$/);
});
