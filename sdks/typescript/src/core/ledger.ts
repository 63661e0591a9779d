import type { Stats } from './types.js';

/** What became of an event. */
export type Outcome = 'accepted' | 'rejected' | 'dropped';

/** Counts what became of every event. */
export class Ledger {
  #tracked = 0;
  readonly #outcomes = { accepted: 0, rejected: 0, dropped: 0 };
  readonly #drops: Stats['drops'] = {};

  /** Counts events that came into the client's care. */
  track(count = 1): void {
    this.#tracked += count;
  }

  accept(): void {
    this.#outcomes.accepted++;
  }

  /** Counts an event that is not delivered. Those that the server refused are no part of `dropped`. */
  drop(reason: keyof Stats['drops'] | 'rejected'): void {
    if (reason === 'rejected') {
      this.#outcomes.rejected++;
      return;
    }
    this.#outcomes.dropped++;
    this.#drops[reason] = (this.#drops[reason] ?? 0) + 1;
  }

  /**
   * @param undecided The number of events that are queued or in flight.
   * @param inFlight The part of them that is in flight.
   */
  stats(undecided: number, inFlight: number): Stats {
    return {
      tracked: this.#tracked,
      ...this.#outcomes,
      queued: undecided - inFlight,
      inFlight,
      drops: { ...this.#drops },
    };
  }
}
