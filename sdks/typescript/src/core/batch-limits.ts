import type { Clock } from './clock.js';

/** The most events of a request. */
const maxEvents = 500;

/** The bytes of a body around its events. */
export const envelopeBytes = '{"sent_at":"2026-01-02T03:04:05.678Z","events":[]}'.length;

/** How large the next request may be, after what became of the ones before. */
export class BatchLimits {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #lastsMs: number;
  #smallerBytes = 0;
  #smallerUntil = Number.NEGATIVE_INFINITY;
  #suspects = 0;
  #suspectsAtOnce = maxEvents;

  constructor(clock: Clock, limits: { maxBatchBytes: number; byteLimitMs: number }) {
    this.#clock = clock;
    this.#maxBytes = limits.maxBatchBytes - envelopeBytes;
    this.#lastsMs = limits.byteLimitMs;
  }

  get events(): number {
    return this.suspicious ? this.#suspectsAtOnce : maxEvents;
  }

  /** The most bytes of events. */
  get bytes(): number {
    return this.#clock.elapsed() < this.#smallerUntil ? this.#smallerBytes : this.#maxBytes;
  }

  /** Whether one of the next events is thought to make requests fail. */
  get suspicious(): boolean {
    return this.#suspects > 0;
  }

  /** Notes that a body was too large. The smaller limit lasts for a while, because the next body would fail as well. */
  tooLarge(bytes: number): void {
    this.#smallerBytes = Math.floor(bytes / 2);
    this.#smallerUntil = this.#clock.elapsed() + this.#lastsMs;
  }

  /** Notes that one of the first events makes requests fail. Halves show which. */
  suspect(events: number): void {
    this.#suspects = Math.max(this.#suspects, events);
    this.#suspectsAtOnce = Math.max(1, Math.floor(events / 2));
  }

  /** Notes that events have left the queue after an answer. */
  decided(events: number): void {
    this.#suspects -= events;
  }

  /** Notes that the event at fault is found. */
  found(): void {
    this.#suspects = 0;
  }
}
