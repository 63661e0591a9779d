import type { Clock } from '../../src/core/clock.js';

interface Timer {
  at: number;
  action: () => void;
}

/** Lets all promises that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves only when a test says so. */
export class FakeClock implements Clock {
  #elapsed = 1_000;
  #wall = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  readonly #timers = new Set<Timer>();

  wall(): number {
    return this.#wall;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#elapsed + ms, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** The number of timers that wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Sets the device's clock, as a correction does. */
  setWall(ms: number): void {
    this.#wall = ms;
  }

  /** Moves on, and calls what is due on the way, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#move(next.at);
      next.action();
      await settle();
    }
    this.#move(end);
    await settle();
  }

  #move(to: number): void {
    this.#wall += Math.max(0, to - this.#elapsed);
    this.#elapsed = Math.max(this.#elapsed, to);
  }
}
