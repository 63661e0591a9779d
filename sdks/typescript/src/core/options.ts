import type { ClientError, Drop, Logger, Transport, Warning } from './types.js';

/** Settings of a client. All but `apiUrl` and `apiKey` have defaults. */
export interface SegOpsOptions {
  /** Where SegOps is, such as `https://api.segops.ai`. `http:` is for loopback addresses only, unless `allowInsecure` is set. */
  apiUrl: string;

  /** The project's key: `sk_...` on servers, `pk_...` in browsers. The browser build throws for a secret key. */
  apiKey: string;

  /** The number of queued events that starts a request: 1 or more. Default: 100, in browsers 20. */
  flushAt?: number;

  /** The longest time that an event waits for others, in milliseconds. Default: 5,000, in browsers 3,000. */
  flushIntervalMs?: number;

  /** The largest body of a request before compression, in bytes: 1 to 10,485,760. Default: 2 MiB, in browsers 512 KiB. */
  maxBatchBytes?: number;

  /** The most events that wait: 1 or more. Further ones are dropped with `queue_full`. Default: 10,000. */
  maxQueueEvents?: number;

  /** The most bytes of events that wait: 1 or more. Further ones are dropped with `queue_full`. Default: 32 MiB, in browsers 2 MiB. */
  maxQueueBytes?: number;

  /** The time that one request may take, in milliseconds. Default: 15,000. */
  requestTimeoutMs?: number;

  /** The wait after the first failure, in milliseconds. Each further failure doubles it. Default: 1,000. */
  backoffBaseMs?: number;

  /** The longest wait between attempts, in milliseconds. A longer `Retry-After` is kept. Default: 60,000. */
  backoffMaxMs?: number;

  /** The age at which an event that could not be delivered is dropped with `expired`, in milliseconds. Default: 24 hours, in browsers 7 days. */
  maxEventAgeMs?: number;

  /** The default deadline of `shutdown` and `flush`, in milliseconds. Default: 10,000. */
  shutdownTimeoutMs?: number;

  /** Whether bodies of 1 KiB and more are compressed. Default: true. */
  gzip?: boolean;

  /** Whether events are sent at all. `false` makes every method do nothing and checks no key. Default: true. */
  enabled?: boolean;

  /** Whether `http:` is allowed to hosts that are not loopback. The key and the events are then readable on the way. Default: false. */
  allowInsecure?: boolean;

  /**
   * Browser build only: whether events are kept in IndexedDB until they are delivered. A text names the store, for pages that
   * send to two projects. Default: `true`, the store `segops`.
   */
  persistence?: boolean | string;

  /**
   * Server and edge build only: the host's way to keep an invocation alive, such as Vercel's `waitUntil`. Events are then sent
   * at once, and the host waits for them. Default: none.
   */
  waitUntil?: (promise: Promise<unknown>) => void;

  /** How often one event is tried while the quota is used up, in milliseconds, give or take a fifth. Default: 15 minutes. */
  quotaProbeIntervalMs?: number;

  /** How often one event is tried while the key or the URL is refused, in milliseconds, give or take a fifth. Default: 5 minutes. */
  configurationProbeIntervalMs?: number;

  /** How long batches stay smaller after the server found a body too large, in milliseconds. Default: 10 minutes. */
  byteLimitMs?: number;

  /** Takes the lines of the log, each kind at most once a minute. Default: the console, from `warn` on. */
  logger?: Logger;

  /** Is called once for each event that is not delivered. */
  onDrop?: (drop: Drop) => unknown;

  /** Is called when no event can be delivered until somebody acts. */
  onError?: (error: ClientError) => unknown;

  /** Is called for things to correct. */
  onWarning?: (warning: Warning) => unknown;

  /** Sends the requests. Default: `fetch`. */
  transport?: Transport;
}

/** The defaults in which the builds differ. */
export type BuildDefaults = Required<
  Pick<SegOpsOptions, 'flushAt' | 'flushIntervalMs' | 'maxBatchBytes' | 'maxQueueBytes' | 'maxEventAgeMs'>
>;

/** The checked settings, without those that only a build reads. */
export type Settings = BuildDefaults &
  Required<
    Omit<SegOpsOptions, 'apiUrl' | 'allowInsecure' | 'persistence' | 'waitUntil' | 'transport' | keyof Callbacks>
  > & {
    /** The whole URL of the batch endpoint. */
    url: string;
  };

type Callbacks = Pick<SegOpsOptions, 'logger' | 'onDrop' | 'onError' | 'onWarning'>;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The server's limit for a body, before compression. */
const hardBodyBytes = 10_485_760;

/** The longest time that a timer holds: 24.8 days. */
const longestTimerMs = 2_147_483_647;

export const serverDefaults: BuildDefaults = {
  flushAt: 100,
  flushIntervalMs: 5_000,
  maxBatchBytes: 2_097_152,
  maxQueueBytes: 33_554_432,
  maxEventAgeMs: dayMs,
};

export const browserDefaults: BuildDefaults = {
  flushAt: 20,
  flushIntervalMs: 3_000,
  maxBatchBytes: 524_288,
  maxQueueBytes: 2_097_152,
  maxEventAgeMs: 7 * dayMs,
};

/**
 * Checks the options and adds the defaults.
 * @throws {TypeError} An option has a value that cannot work. The message names it.
 */
export function readOptions(options: SegOpsOptions, defaults: BuildDefaults): Settings {
  const enabled = options.enabled ?? true;
  const number = (name: NumberOption, fallback: number, max = Number.MAX_SAFE_INTEGER): number => {
    const value = options[name] ?? fallback;
    if (typeof value !== 'number' || !(value >= 1 && value <= max))
      throw new TypeError(`${name} must be a number from 1 to ${max}.`);
    return value;
  };
  const time = (name: NumberOption, fallback: number): number => number(name, fallback, longestTimerMs);
  return {
    url: enabled ? batchUrl(options.apiUrl, options.allowInsecure ?? false) : '',
    apiKey: enabled ? checkKey(options.apiKey) : '',
    enabled,
    gzip: options.gzip ?? true,
    flushAt: number('flushAt', defaults.flushAt),
    flushIntervalMs: time('flushIntervalMs', defaults.flushIntervalMs),
    maxBatchBytes: number('maxBatchBytes', defaults.maxBatchBytes, hardBodyBytes),
    maxQueueEvents: number('maxQueueEvents', 10_000),
    maxQueueBytes: number('maxQueueBytes', defaults.maxQueueBytes),
    requestTimeoutMs: time('requestTimeoutMs', 15_000),
    backoffBaseMs: time('backoffBaseMs', 1_000),
    backoffMaxMs: time('backoffMaxMs', minuteMs),
    maxEventAgeMs: number('maxEventAgeMs', defaults.maxEventAgeMs),
    shutdownTimeoutMs: time('shutdownTimeoutMs', 10_000),
    quotaProbeIntervalMs: time('quotaProbeIntervalMs', 15 * minuteMs),
    configurationProbeIntervalMs: time('configurationProbeIntervalMs', 5 * minuteMs),
    byteLimitMs: number('byteLimitMs', 10 * minuteMs),
  };
}

type NumberOption = {
  [Name in keyof SegOpsOptions]-?: SegOpsOptions[Name] extends number | undefined ? Name : never;
}[keyof SegOpsOptions];

function batchUrl(apiUrl: unknown, allowInsecure: boolean): string {
  let url: URL;
  try {
    url = new URL(String(apiUrl));
  } catch {
    throw new TypeError('apiUrl must be an absolute URL, such as https://api.segops.ai.');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new TypeError('apiUrl must begin with https:// or http://.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecure)
    throw new TypeError(
      'apiUrl must begin with https://, because others could read the key. allowInsecure permits http://.',
    );
  if (url.username || url.password || url.search || url.hash)
    throw new TypeError('apiUrl must have no user, password, query or fragment.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/api/ingestion/track/batch/`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function checkKey(key: unknown): string {
  if (typeof key !== 'string' || key === '')
    throw new TypeError('apiKey is missing. It is a text such as sk_live_... or pk_live_...');
  // A header takes visible ASCII only; a line break from a secrets file is the usual cause.
  if (!/^[!-~]+$/.test(key)) throw new TypeError('apiKey has white space or characters that no key has.');
  return key;
}
