import type { CoreClient } from './client.js';
import type { Clock } from './clock.js';
import type { BuildDefaults } from './options.js';
import type { Transport } from './types.js';

/** What a build brings to the client. */
export interface Platform {
  readonly defaults: BuildDefaults;
  readonly clock: Clock;
  readonly transport: Transport;
  /** A number from 0 to 1, without 1, that spreads waits. */
  readonly random: () => number;
  /** The value of `User-Agent`, where requests may set it. */
  readonly userAgent?: string;
  /** Where events are kept until they are delivered. */
  readonly store?: EventStore;
  /** Whether the device has a network. */
  readonly online?: () => boolean;
  /** Runs an action while nothing else sends from the same origin. */
  readonly alone?: <T>(action: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Is called when the first event is queued. */
  readonly busy?: (client: CoreClient) => void;
  /** Is called when no event is queued any more. */
  readonly idle?: (client: CoreClient) => void;
  /** Is called when the client is shut down. */
  readonly closed?: () => void;
}

/** An event as it is kept. */
export interface StoredEvent {
  key: string;
  id: string;
  type: string;
  json: string;
  /** When it was tracked: UTC in milliseconds since 1970. */
  at: number;
}

/** Keeps events beyond the end of the page. It reports its failures itself, and never throws. */
export interface EventStore {
  /** Takes over the events of pages that have ended. */
  adopt(): Promise<StoredEvent[]>;
  /** Keeps an event within 250 ms, and returns its key. */
  save(event: Omit<StoredEvent, 'key'>): string;
  remove(key: string): void;
  /** Whether an event has been written and not removed. */
  keeps(key: string): boolean;
  /** Finishes what is to be written. */
  close(): Promise<void>;
}
