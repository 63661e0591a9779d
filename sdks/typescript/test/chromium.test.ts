import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { Chromium, withoutChromium } from './support/chromium.js';
import { acceptAll, type HttpHandler, type HttpReceived, reply, startServer } from './support/http-server.js';

const options = { skip: withoutChromium, timeout: 120_000 };

/** Waits until a condition holds. The test's limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(10);
}

/** Answers as the gateway does to pages of other origins. */
function crossOrigin(handler: HttpHandler): HttpHandler {
  return (received, response, request) => {
    response.setHeader('access-control-allow-origin', received.headers.origin ?? '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, content-encoding');
    response.setHeader('access-control-expose-headers', 'ratelimit, retry-after');
    if (received.method !== 'OPTIONS') return handler(received, response, request);
    response.writeHead(204);
    response.end();
  };
}

/** A site with a page that has a client as `segops`, and an API on another origin. */
async function startSite(context: TestContext) {
  const api = await startServer(context, crossOrigin(acceptAll));
  const files: Record<string, [type: string, body: string]> = {
    '/segops.mjs': ['text/javascript', readFileSync('dist/browser.mjs', 'utf8')],
    '/': [
      'text/html',
      `<!doctype html><script type="module">
        import { SegOpsClient } from '/segops.mjs';
        globalThis.segops = new SegOpsClient({ apiUrl: '${api.url}', apiKey: 'pk_test_key', backoffMaxMs: 1000 });
      </script>`,
    ],
  };
  const site = await startServer(context, ({ path }, response) => {
    const [type, body] = files[path] ?? ['text/plain', ''];
    response.writeHead(files[path] ? 200 : 404, { 'content-type': type });
    response.end(body);
  });
  return {
    url: site.url,
    serve: (handler: HttpHandler) => api.serve(crossOrigin(handler)),
    posts: (): HttpReceived[] => api.received.filter(({ method }) => method === 'POST'),
    receivedIds: () => new Set(api.received.flatMap(({ events }) => events.map(({ event_id }) => event_id))),
  };
}

async function openPage(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction('globalThis.segops');
}

test('browser_OrdinaryPage_SendsFromAnotherOrigin', options, async (context) => {
  const site = await startSite(context);
  const page = await new Chromium(context).open();
  await openPage(page, site.url);

  const result = await page.evaluate(`
    for (let n = 0; n < 30; n++) segops.track({ userId: 'user-1', eventType: 'page_viewed', payload: { n } });
    segops.flush()`);

  assert.deepEqual(result, { accepted: 30, rejected: 0, dropped: 0, remaining: 0 });
  const [post] = site.posts();
  assert.equal(post?.headers.authorization, 'ApiKey pk_test_key');
  assert.equal(post?.headers['content-encoding'], 'gzip');
  assert.doesNotMatch(post?.headers['user-agent'] ?? '', /segops/);
});

test('browser_PageIsLeft_SendsWhatWasQueued', options, async (context) => {
  const site = await startSite(context);
  const page = await new Chromium(context).open();
  await openPage(page, site.url);

  const id = await page.evaluate<string>(`
    const id = segops.track({ userId: 'user-1', eventType: 'link_clicked' });
    location.href = 'about:blank';
    id`);

  await until(() => site.receivedIds().has(id));
  assert.match(site.posts()[0]?.path ?? '', /\?key=pk_test_key$/);
});

test('browser_TwoPages_SendOneAtATime', options, async (context) => {
  const site = await startSite(context);
  const chromium = new Chromium(context);
  const pages = [await chromium.open(), await chromium.open()];
  for (const page of pages) await openPage(page, site.url);
  let open = 0;
  let most = 0;
  site.serve((received, response, request) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      acceptAll(received, response, request);
    }, 20);
  });

  const results = await Promise.all(
    pages.map((page) =>
      page.evaluate<{ accepted: number }>(`
        for (let n = 0; n < 1500; n++) segops.track({ userId: 'user-1', eventType: 'page_viewed', payload: { n } });
        segops.flush()`),
    ),
  );

  assert.deepEqual(
    results.map(({ accepted }) => accepted),
    [1500, 1500],
  );
  assert.equal(most, 1);
});

test('browser_KilledAtAnyMoment_LosesNothingOlderThan250Ms', options, async (context) => {
  const site = await startSite(context);
  const chromium = new Chromium(context);
  const expected: string[] = [];
  site.serve((_, response) => reply(response, 503, { code: 'stream_unavailable' }));

  for (let round = 0; round < 4; round++) {
    const page = await chromium.open();
    const tracked: { id: string; at: number }[] = [];
    await page.exposeFunction('report', (id: string, at: number) => tracked.push({ id, at }));
    await openPage(page, site.url);
    await page.evaluate(`setInterval(() => {
      const id = segops.track({ userId: 'user-1', eventType: 'page_viewed', payload: { text: 'x'.repeat(200) } });
      report(id, Date.now());
    }, 5)`);
    const moment = 60 + Math.floor(Math.random() * 60);
    await until(() => tracked.length >= moment);

    const killedAt = Date.now();
    await chromium.kill();

    expected.push(...tracked.filter(({ at }) => at <= killedAt - 250).map(({ id }) => id));
  }
  assert.ok(expected.length > 0, 'some events were old enough');

  const accepted = new Set<string>();
  site.serve((received, response, request) => {
    for (const { event_id } of received.events) accepted.add(event_id);
    acceptAll(received, response, request);
  });
  await openPage(await chromium.open(), site.url);
  await until(() => expected.every((id) => accepted.has(id)));
});
