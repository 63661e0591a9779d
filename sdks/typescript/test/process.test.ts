import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';
import { startServer } from './support/http-server.js';

/** Runs a program to its own end, in the package's folder, where its name leads to dist. */
async function run(code: string, ...flags: string[]): Promise<string[]> {
  const env = { ...process.env, SEGOPS_API_KEY: 'sk_test_key' };
  const program = ['--input-type=module', ...flags, '-e', code];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env, timeout: 30_000 });
  return stdout.split('\n').filter((line) => line !== '');
}

function program(url: string, options: object, more = ''): string {
  return `
    import { SegOpsClient } from '@segops/sdk';
    const onDrop = ({ reason }) => console.log(reason);
    const segops = new SegOpsClient({ apiUrl: '${url}', apiKey: 'k', logger: () => {}, onDrop, ...${JSON.stringify(options)} });
    segops.track({ userId: 'user-1', eventType: 'page_viewed' });
    ${more}`;
}

test('documentationExamples_Unchanged_DeliverTheirEvents', async () => {
  const typescript = readFileSync('test/examples/track.ts', 'utf8');
  // The example sends to the real address, so its fetch answers by itself.
  const fetch = `globalThis.fetch = async (url, { headers, body }) => {
    const { events } = JSON.parse(new TextDecoder().decode(body));
    for (const event of events) console.log(JSON.stringify({ url, key: headers.Authorization, ...event }));
    return new Response(JSON.stringify({ accepted: events.length, rejected: 0 }), { status: 202 });
  };`;

  const lines = await run(
    transformSync(typescript, { loader: 'ts' }).code,
    '--import',
    `data:text/javascript,${encodeURIComponent(fetch)}`,
  );

  const [order, traits] = lines.map((line) => JSON.parse(line));
  assert.equal(order.url, 'https://api.segops.ai/api/ingestion/track/batch/');
  assert.equal(order.key, 'ApiKey sk_test_key');
  assert.deepEqual(order.payload, { order_id: 'ord-456', total: 89.95, currency: 'USD' });
  assert.equal(traits.event_type, 'context_identified');
  assert.equal(traits.payload.company, 'Acme Corp');
});

test('exit_WithoutShutdown_SendsTheEventsAndEnds', async (context) => {
  const { url, received } = await startServer(context);

  assert.deepEqual(await run(program(url, {})), []);

  assert.deepEqual(
    received.map(({ events }) => events.length),
    [1],
  );
});

test('exit_HungServer_TellsOfTheEventsAndEnds', async (context) => {
  const { url } = await startServer(context, () => {});

  assert.deepEqual(await run(program(url, { shutdownTimeoutMs: 200 })), ['shutdown']);
});

test('exit_WhileAPauseOutlastsTheDeadline_Ends', async (context) => {
  const { url } = await startServer(context, (_, response) => {
    response.writeHead(429, { 'retry-after': '3600' });
    response.end();
  });

  assert.deepEqual(await run(program(url, { flushAt: 1 })), ['shutdown']);
});

test('flush_AwaitedAtTheTopLevel_KeepsTheProcessUntilItResolves', async (context) => {
  const { url } = await startServer(context, (_, response) => {
    response.writeHead(503, { 'retry-after': '1' });
    response.end();
  });

  const lines = await run(
    program(url, { shutdownTimeoutMs: 1 }, `console.log((await segops.flush({ timeoutMs: 300 })).remaining);`),
  );

  assert.deepEqual(lines, ['1', 'shutdown']);
});
