import type { Clock } from './clock.js';
import type { Outcome } from './ledger.js';
import type { FlushResult } from './types.js';

/** Somebody who waits until all events up to one have an outcome. */
export interface Flush {
  readonly upTo: number;
  readonly result: FlushResult;
  /** When it ends at the latest, on the monotonic clock. */
  readonly deadline: number;
  /** Whether it ends as soon as a pause reaches beyond its deadline. */
  readonly impatient: boolean;
  end(): void;
}

/** How long a flush waits. */
export interface FlushLimits {
  timeoutMs: number;
  impatient?: boolean;
  signal?: AbortSignal | undefined;
}

/** The flushes that wait. */
export class Flushes {
  readonly #clock: Clock;
  readonly #open = new Set<Flush>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Opens a flush.
   * @param upTo The sequence of the last event that it waits for.
   * @param undecided The number of these events without an outcome.
   * @returns The flush, and a promise that resolves when it ends. It counts outcomes until `close`.
   */
  open(upTo: number, undecided: number, limits: FlushLimits): { flush: Flush; ended: Promise<void> } {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const result = { accepted: 0, rejected: 0, dropped: 0, remaining: undecided };
    const flush: Flush = {
      upTo,
      result,
      deadline: this.#clock.elapsed() + limits.timeoutMs,
      impatient: limits.impatient ?? false,
      end,
    };
    this.#open.add(flush);
    if (undecided === 0 || limits.signal?.aborted) end();
    // A caller waits, so the process must not end before this timer.
    const cancel = this.#clock.after(limits.timeoutMs, end, true);
    limits.signal?.addEventListener('abort', end);
    const cleanUp = (): void => {
      cancel();
      limits.signal?.removeEventListener('abort', end);
    };
    return { flush, ended: ended.then(cleanUp) };
  }

  close(flush: Flush): void {
    this.#open.delete(flush);
  }

  /** Counts an outcome in every flush that waits for the event. */
  count(sequence: number, outcome: Outcome): void {
    for (const flush of this.#open) {
      if (sequence > flush.upTo) continue;
      flush.result[outcome]++;
      if (--flush.result.remaining === 0) flush.end();
    }
  }

  /** Ends the impatient flushes that a pause outlasts. */
  paused(until: number): void {
    for (const flush of this.#open) if (flush.impatient && until > flush.deadline) flush.end();
  }
}
