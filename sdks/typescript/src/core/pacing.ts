import type { Clock } from './clock.js';

/** Says when the next request may be made. */
export class Pacing {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #baseMs: number;
  readonly #maxMs: number;
  #failures = 0;
  #resumeAt = Number.NEGATIVE_INFINITY;

  /** @param random A number from 0 to 1, without 1. */
  constructor(clock: Clock, random: () => number, backoff: { backoffBaseMs: number; backoffMaxMs: number }) {
    this.#clock = clock;
    this.#random = random;
    this.#baseMs = backoff.backoffBaseMs;
    this.#maxMs = backoff.backoffMaxMs;
  }

  /** The moment from which a request may be made, on the monotonic clock. It may have passed. */
  get resumeAt(): number {
    return this.#resumeAt;
  }

  /** Notes an answer that decided events. The next failure waits the shortest time again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /**
   * Notes a failure: the wait doubles with each in a row, and a random half of it keeps clients apart.
   * @param atLeastMs What the server asked for. It is never shortened.
   * @returns The wait in milliseconds.
   */
  failed(atLeastMs = 0): number {
    this.#failures++;
    const longest = Math.min(this.#maxMs, this.#baseMs * 2 ** Math.min(this.#failures - 1, 30));
    const wait = Math.max(atLeastMs, longest * (0.5 + this.#random() / 2));
    this.pause(wait);
    return wait;
  }

  /** Waits for a time, give or take a fifth. */
  pauseAbout(ms: number): void {
    this.pause(ms * (0.8 + this.#random() * 0.4));
  }

  /** Waits for a time. A longer pause is not shortened. */
  pause(ms: number): void {
    this.#resumeAt = Math.max(this.#resumeAt, this.#clock.elapsed() + ms);
  }
}
