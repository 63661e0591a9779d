import { CoreClient } from './core/client.js';
import { systemClock } from './core/clock.js';
import { fetchTransport } from './core/fetch-transport.js';
import { type SegOpsOptions, serverDefaults } from './core/options.js';
import { version } from './core/version.js';

export type { SegOpsOptions } from './core/options.js';
export type * from './core/types.js';

/** The parts of Node's `process` that are read. Bun and Deno have them as well. */
interface Process {
  platform: string;
  versions: Record<string, string | undefined>;
  on(event: 'beforeExit', listener: () => void): void;
}

const { process } = globalThis as { process?: Process };

/** The clients with events. A process that ends by itself waits for them. */
const busyClients = new Set<CoreClient>();
let listening = false;

function keepUntilSent(client: CoreClient): void {
  busyClients.add(client);
  if (listening) return;
  listening = true;
  process?.on('beforeExit', () => {
    for (const busy of busyClients) void busy.shutdown();
  });
}

function userAgent(): string {
  const name = ['bun', 'deno', 'node'].find((name) => process?.versions[name] !== undefined) ?? 'javascript';
  const runtime = `${name} ${process?.versions[name] ?? 'unknown'}`;
  return `segops-typescript/${version} (${runtime}; ${process?.platform ?? 'unknown'})`;
}

/**
 * Sends events to SegOps from a server: Node, Bun or Deno.
 *
 * Make one client for the process, and `await client.shutdown()` before the process ends. A process that ends by itself, because
 * nothing is left to do, does so on its own. One that is ended by `process.exit()` or a signal does not.
 *
 * @example
 * const segops = new SegOpsClient({ apiUrl: 'https://api.segops.ai', apiKey: process.env.SEGOPS_API_KEY! });
 * segops.track({ userId: 'user-123', eventType: 'order_placed', payload: { total: 89.95 } });
 * await segops.shutdown();
 */
export class SegOpsClient extends CoreClient {
  /** @throws {TypeError} An option has a value that cannot work. The message names it. */
  constructor(options: SegOpsOptions) {
    super(options, {
      defaults: serverDefaults,
      clock: systemClock,
      transport: options.transport ?? fetchTransport,
      random: Math.random,
      userAgent: userAgent(),
      busy: keepUntilSent,
      idle: (client) => busyClients.delete(client),
    });
  }
}
