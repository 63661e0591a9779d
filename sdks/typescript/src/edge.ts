import { CoreClient } from './core/client.js';
import { systemClock } from './core/clock.js';
import { fetchTransport } from './core/fetch-transport.js';
import { type SegOpsOptions, serverDefaults } from './core/options.js';
import { version } from './core/version.js';

export type { SegOpsOptions } from './core/options.js';
export type * from './core/types.js';

/**
 * Sends events to SegOps from an edge function: Cloudflare Workers, Vercel's edge runtime and others.
 *
 * An isolate can end as soon as its response is sent. So pass `waitUntil`, or `await client.flush()` before the response.
 * On Cloudflare Workers make a client for each invocation, because one invocation cannot wait for another's request.
 *
 * @example
 * export default {
 *   async fetch(request, env, context) {
 *     const waitUntil = (promise) => context.waitUntil(promise);
 *     const segops = new SegOpsClient({ apiUrl: 'https://api.segops.ai', apiKey: env.SEGOPS_API_KEY, waitUntil });
 *     segops.track({ userId: 'user-123', eventType: 'page_viewed' });
 *     return new Response('ok');
 *   },
 * };
 */
export class SegOpsClient extends CoreClient {
  /** @throws {TypeError} An option has a value that cannot work. The message names it. */
  constructor(options: SegOpsOptions) {
    super(options, {
      defaults: serverDefaults,
      clock: systemClock,
      transport: options.transport ?? fetchTransport,
      random: Math.random,
      userAgent: `segops-typescript/${version} (${globalThis.navigator?.userAgent ?? 'edge'}; edge)`,
    });
  }
}
