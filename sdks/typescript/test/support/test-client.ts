import assert from 'node:assert/strict';
import { CoreClient } from '../../src/core/client.js';
import { type SegOpsOptions, serverDefaults } from '../../src/core/options.js';
import type { Platform } from '../../src/core/platform.js';
import type { ClientError, Drop, Stats, TrackEvent, Warning } from '../../src/core/types.js';
import { FakeClock } from './fake-clock.js';
import { FakeServer, type Handler } from './fake-server.js';

/** A client with a clock and a server of its own, that notes what is reported to it. */
export class TestClient extends CoreClient {
  readonly drops: Drop[] = [];
  readonly errors: ClientError[] = [];
  readonly warnings: Warning[] = [];
  readonly lines: string[] = [];
  readonly clock: FakeClock;
  readonly server: FakeServer;

  constructor(options: Partial<SegOpsOptions> = {}, handlers: Handler[] = [], platform: Partial<Platform> = {}) {
    const clock = new FakeClock();
    const server = new FakeServer(...handlers);
    super(
      {
        apiUrl: 'https://api.test',
        apiKey: 'sk_test_key',
        gzip: false,
        onDrop: (drop) => this.drops.push(drop),
        onError: (error) => this.errors.push(error),
        onWarning: (warning) => this.warnings.push(warning),
        logger: (level, message) => this.lines.push(`${level} ${message}`),
        ...options,
      },
      {
        defaults: serverDefaults,
        clock,
        transport: options.transport ?? server.transport,
        // Three quarters of each backoff's longest wait, and the middle of each probe interval.
        random: () => 0.5,
        ...platform,
      },
    );
    this.clock = clock;
    this.server = server;
  }

  /** Tracks so many events with the payloads `{"n": 0}`, `{"n": 1}` and so on. */
  trackMany(count: number, event: Partial<TrackEvent> = {}): string[] {
    return Array.from({ length: count }, (_, n) =>
      this.track({ userId: 'user-1', eventType: 'page_viewed', payload: { n }, ...event }),
    );
  }

  /** Goes on by some milliseconds. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    assertAddsUp(this.stats());
  }

  /** The ids of all events that the server got, in order, with repetitions. */
  get sentIds(): string[] {
    return this.server.received.flatMap(({ events }) => events.map((event) => event.event_id));
  }
}

/** Checks that no event is missing from the counts. */
export function assertAddsUp(stats: Stats): void {
  const { tracked, accepted, rejected, dropped, queued, inFlight, drops } = stats;
  assert.equal(accepted + rejected + dropped + queued + inFlight, tracked, JSON.stringify(stats));
  assert.equal(
    Object.values(drops).reduce((sum, count) => sum + count, 0),
    dropped,
  );
}
