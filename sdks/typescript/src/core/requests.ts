import { readAnswer, type Verdict } from './answers.js';
import type { QueuedEvent } from './event.js';
import type { Settings } from './options.js';
import type { Platform } from './platform.js';
import type { Reporter } from './reporter.js';
import type { TransportRequest } from './types.js';
import { bodyJson, encodeBody } from './wire.js';

/** The URLs to which this process sends without compression from now on. */
const uncompressedUrls = new Set<string>();

/** Makes requests. Whatever goes wrong becomes a verdict. */
export class Requests {
  readonly #settings: Settings;
  readonly #platform: Platform;
  readonly #reporter: Reporter;
  readonly #stop = new AbortController();

  constructor(settings: Settings, platform: Platform, reporter: Reporter) {
    this.#settings = settings;
    this.#platform = platform;
    this.#reporter = reporter;
  }

  /** Sends events in one request. */
  async send(events: readonly QueuedEvent[]): Promise<Verdict> {
    const send = (): Promise<Verdict> => this.#limited((signal) => this.#post(events, signal));
    try {
      return await (this.#platform.alone?.(send, this.#stop.signal) ?? send());
    } catch {
      return { kind: 'transient', code: 'network', retryAfterMs: 0 };
    }
  }

  /** Sends events while the page closes. The request is made before this returns, and the browser finishes it. */
  sendOnExit(events: readonly QueuedEvent[]): Promise<Verdict> {
    // A key in the URL and text as the body need no preflight, for which a closing page has no time.
    const url = `${this.#settings.url}?key=${encodeURIComponent(this.#settings.apiKey)}`;
    return this.#limited(async (signal) => {
      const body = bodyJson(events, this.#platform.clock.wall());
      const answer = await this.#platform.transport(url, { ...this.#request(signal), body, keepalive: true });
      return readAnswer(answer, events.length, false, this.#platform.clock.wall());
    });
  }

  /** Sends bodies as they are from now on, for all clients of the process. */
  stopCompressing(cause: string): void {
    uncompressedUrls.add(this.#settings.url);
    this.#reporter.log('warn', 'gzip', `Compression is off from now on: ${cause}.`);
  }

  /** Aborts the requests in flight. */
  abort(): void {
    this.#stop.abort();
  }

  async #post(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Verdict> {
    const { clock, transport, userAgent } = this.#platform;
    const json = bodyJson(events, clock.wall());
    const gzip = this.#settings.gzip && !uncompressedUrls.has(this.#settings.url);
    const body = await encodeBody(json, gzip).catch(() => {
      this.stopCompressing('the runtime failed to compress');
      return encodeBody(json, false);
    });
    const headers: Record<string, string> = {
      Authorization: `ApiKey ${this.#settings.apiKey}`,
      'Content-Type': 'application/json',
      ...(body.compressed && { 'Content-Encoding': 'gzip' }),
      ...(userAgent !== undefined && { 'User-Agent': userAgent }),
    };
    const answer = await transport(this.#settings.url, { ...this.#request(signal), headers, body: body.bytes });
    return readAnswer(answer, events.length, body.compressed, clock.wall());
  }

  #request(signal: AbortSignal): Omit<TransportRequest, 'body'> {
    return { method: 'POST', headers: {}, signal, redirect: 'manual' };
  }

  /** Ends an exchange after the time of a request, also if the transport ignores the signal. */
  async #limited(exchange: (signal: AbortSignal) => Promise<Verdict>): Promise<Verdict> {
    const limit = new AbortController();
    const abort = (): void => limit.abort();
    const cancel = this.#platform.clock.after(this.#settings.requestTimeoutMs, abort);
    this.#stop.signal.addEventListener('abort', abort);
    const aborted = new Promise<never>((_, reject) => {
      limit.signal.addEventListener('abort', reject);
    });
    try {
      return await Promise.race([exchange(limit.signal), aborted]);
    } catch {
      return { kind: 'transient', code: limit.signal.aborted ? 'timeout' : 'network', retryAfterMs: 0 };
    } finally {
      cancel();
      this.#stop.signal.removeEventListener('abort', abort);
    }
  }
}
