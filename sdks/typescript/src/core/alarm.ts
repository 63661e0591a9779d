import type { Clock } from './clock.js';

/** A timer holds at most 24.8 days. Waking once an hour keeps far below. */
const longestWaitMs = 3_600_000;

/** Lets one waiter sleep until a time has passed or somebody rings. */
export class Alarm {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;
  #rung = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes the waiter, or lets the next wait end at once. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /**
   * Waits for a ring, at most so many milliseconds and at most an hour.
   * The caller looks again at what it waits for, so waking early does no harm.
   */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const cancel =
          ms === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(Math.min(ms, longestWaitMs), resolve);
        this.#wake = () => {
          cancel?.();
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
