import { Alarm } from './alarm.js';
import type { Verdict } from './answers.js';
import { envelopeBytes } from './batch-limits.js';
import type { Clock } from './clock.js';
import type { Decisions, Delivery } from './delivery.js';
import type { QueuedEvent } from './event.js';
import type { Settings } from './options.js';
import type { Pacing } from './pacing.js';
import type { EventQueue } from './queue.js';
import type { Requests } from './requests.js';

/** What browsers send of a page that closes is limited to 64 KiB, for all bodies together. */
const exitBytes = 60_000;

/** How long the loop rests after a defect of its own, so that it does not spin. */
const restAfterDefectMs = 1_000;

/** What the sender works with. */
export interface SenderParts {
  settings: Settings;
  clock: Clock;
  queue: EventQueue;
  pacing: Pacing;
  delivery: Delivery;
  requests: Requests;
  decisions: Decisions;
  online: () => boolean;
  /** Is called after every answer. */
  onAnswer: () => void;
}

/** Sends the queue's events when they are due, one request at a time. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #alarm: Alarm;
  #dueUpTo = 0;
  #running = false;
  #stopped = false;
  #requestsInFlight = 0;
  #exitBytesInFlight = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.clock);
  }

  /** Makes every queued event due, however young and few they are. */
  flush(): void {
    this.#dueUpTo = this.#parts.queue.last;
    this.wake();
  }

  /** Looks anew at what is due. */
  wake(): void {
    if (this.#running) this.#alarm.ring();
    else if (!this.#stopped) void this.#run();
  }

  /** Sends what fits into one last request of a page that closes. */
  sendOnExit(): void {
    const { clock, delivery, pacing, requests } = this.#parts;
    if (this.#stopped || pacing.resumeAt > clock.elapsed()) return;
    const batch = delivery.exitBatch(exitBytes - this.#exitBytesInFlight - envelopeBytes);
    const bytes = batch.reduce((sum, event) => sum + event.bytes + 1, envelopeBytes);
    if (batch.length === 0) return;
    this.#exitBytesInFlight += bytes;
    void this.#exchange(batch, () => requests.sendOnExit(batch)).finally(() => {
      this.#exitBytesInFlight -= bytes;
    });
  }

  /** Ends the loop and aborts the requests in flight. */
  stop(): void {
    this.#stopped = true;
    this.#parts.requests.abort();
    this.#alarm.ring();
  }

  async #run(): Promise<void> {
    this.#running = true;
    // The caller of track goes on before anything is sent.
    await Promise.resolve();
    while (!this.#stopped && this.#parts.queue.size > 0) {
      try {
        await this.#step();
      } catch {
        await new Promise<void>((resolve) => {
          this.#parts.clock.after(restAfterDefectMs, resolve);
        });
      }
    }
    this.#running = false;
  }

  async #step(): Promise<void> {
    const delay = this.#delay();
    if (delay > 0) return this.#alarm.wait(delay);
    const batch = this.#parts.delivery.nextBatch();
    await this.#exchange(batch, () => this.#parts.requests.send(batch));
  }

  /** The time until the next request, or until an event expires. */
  #delay(): number {
    const { clock, queue, settings, pacing, online } = this.#parts;
    const now = clock.elapsed();
    this.#expire(now);
    const { head } = queue;
    if (!head || this.#requestsInFlight > 0) return Number.POSITIVE_INFINITY;

    const full = queue.size >= settings.flushAt || queue.bytes >= settings.maxBatchBytes;
    const ripeAt = head.trackedAt + settings.flushIntervalMs;
    if (full || now >= ripeAt) this.#dueUpTo = queue.last;
    const due = head.sequence <= this.#dueUpTo ? now : ripeAt;
    const sendAt = online() ? Math.max(due, pacing.resumeAt) : Number.POSITIVE_INFINITY;
    return Math.min(sendAt, head.trackedAt + settings.maxEventAgeMs) - now;
  }

  #expire(now: number): void {
    const { queue, settings, decisions } = this.#parts;
    let { head } = queue;
    while (head && !head.inFlight && now - head.trackedAt >= settings.maxEventAgeMs) {
      decisions.drop(head, 'expired', { message: 'The event could not be delivered within maxEventAgeMs.' });
      head = queue.head;
    }
  }

  async #exchange(batch: QueuedEvent[], send: () => Promise<Verdict>): Promise<void> {
    const { queue, delivery, requests, onAnswer } = this.#parts;
    queue.send(batch);
    this.#requestsInFlight++;
    try {
      const verdict = await send();
      queue.sent(batch);
      if (this.#stopped) return;
      if (verdict.kind === 'uncompressed') requests.stopCompressing(`the server answered ${verdict.status}`);
      else delivery.apply(batch, verdict);
    } finally {
      queue.sent(batch);
      this.#requestsInFlight--;
      onAnswer();
      this.#alarm.ring();
    }
  }
}
