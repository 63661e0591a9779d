import { EventDatabase } from './browser/event-database.js';
import { listenToPage } from './browser/page.js';
import { TabLocks } from './browser/tab-locks.js';
import { CoreClient } from './core/client.js';
import { systemClock } from './core/clock.js';
import { fetchTransport } from './core/fetch-transport.js';
import { browserDefaults, type SegOpsOptions } from './core/options.js';

export type { SegOpsOptions } from './core/options.js';
export type * from './core/types.js';

/**
 * Sends events to SegOps from a web page, with a publishable key.
 *
 * Events are kept in IndexedDB until they are delivered, so they outlive a closed page and a crash. The next page of the same
 * origin sends what is left. Of several pages one sends at a time.
 *
 * @example
 * const segops = new SegOpsClient({ apiUrl: 'https://api.segops.ai', apiKey: 'pk_live_...' });
 * segops.track({ userId: 'user-123', eventType: 'page_viewed', payload: { path: location.pathname } });
 */
export class SegOpsClient extends CoreClient {
  /** @throws {TypeError} The key is secret, or an option has a value that cannot work. The message says which. */
  constructor(options: SegOpsOptions) {
    if (typeof options.apiKey === 'string' && options.apiKey.startsWith('sk_'))
      throw new TypeError(
        'apiKey is a secret key (sk_...). Everybody who opens the page could read it, and with it all users and events of the ' +
          'project. Use a publishable key (pk_...), and replace the secret key if the page was public.',
      );
    const { enabled = true, persistence = true } = options;
    const name = persistence === true ? 'segops' : persistence;
    const locks = enabled ? TabLocks.open(name || 'segops') : undefined;
    const store = name && locks ? new EventDatabase(name, locks, (message) => this.storageFailed(message)) : undefined;
    let ignorePage = (): void => {};
    super(options, {
      defaults: browserDefaults,
      clock: systemClock,
      transport: options.transport ?? fetchTransport,
      random: Math.random,
      online: () => navigator.onLine,
      closed: () => ignorePage(),
      ...(store && { store }),
      ...(locks && { alone: (action, signal) => locks.sendAlone(action, signal) }),
    });
    if (!enabled) return;
    if (name && !locks) this.storageFailed('The page has no Web Locks: it is not secure. Events are in memory only.');
    ignorePage = listenToPage({
      leave: () => this.sendOnExit(),
      freeze: () => store?.freeze(),
      thaw: () => store?.thaw(),
      online: () => this.wake(),
    });
  }
}
