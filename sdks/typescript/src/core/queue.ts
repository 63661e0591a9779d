import type { QueuedEvent } from './event.js';

/** The events without an answer, in the order of tracking. */
export class EventQueue {
  // A Set keeps the order of insertion and removes any of its members at once.
  #events = new Set<QueuedEvent>();
  #bytes = 0;
  #inFlight = 0;
  #last = 0;
  readonly #maxEvents: number;
  readonly #maxBytes: number;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#events.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The first event, or undefined if the queue is empty. */
  get head(): QueuedEvent | undefined {
    for (const event of this.#events) return event;
    return undefined;
  }

  /** The highest sequence of an event that was ever queued. */
  get last(): number {
    return this.#last;
  }

  hasRoom(bytes: number): boolean {
    return this.#events.size < this.#maxEvents && this.#bytes + bytes <= this.#maxBytes;
  }

  add(event: QueuedEvent): void {
    this.#events.add(event);
    this.#bytes += event.bytes;
    this.#last = event.sequence;
  }

  /** Adds events before all others, whether there is room or not. */
  addFirst(events: readonly QueuedEvent[]): void {
    this.#events = new Set([...events, ...this.#events]);
    for (const { bytes, sequence } of events) {
      this.#bytes += bytes;
      this.#last = sequence;
    }
  }

  /** Removes an event. The answer is false if it has left before. */
  remove(event: QueuedEvent): boolean {
    if (!this.#events.delete(event)) return false;
    this.#bytes -= event.bytes;
    if (event.inFlight) this.#inFlight--;
    return true;
  }

  /** Marks events as being in flight. */
  send(events: readonly QueuedEvent[]): void {
    for (const event of events) event.inFlight = true;
    this.#inFlight += events.length;
  }

  /** Marks those of the events that are still queued as not being in flight. */
  sent(events: readonly QueuedEvent[]): void {
    for (const event of events)
      if (event.inFlight && this.#events.has(event)) {
        event.inFlight = false;
        this.#inFlight--;
      }
  }

  /** Chooses the first events that are not in flight, at least one, within both limits. */
  first(maxEvents: number, maxBytes: number): QueuedEvent[] {
    const batch: QueuedEvent[] = [];
    let bytes = 0;
    for (const event of this.#events) {
      if (event.inFlight) continue;
      // Each event but the first has a comma before it.
      bytes += event.bytes + 1;
      if (batch.length === maxEvents || (batch.length > 0 && bytes > maxBytes)) break;
      batch.push(event);
    }
    return batch;
  }

  /** Chooses one event: the first for turn 0, the next for turn 1, and so on around the queue. */
  turn(turn: number): QueuedEvent[] {
    let skip = turn % this.#events.size;
    for (const event of this.#events) if (skip-- === 0) return [event];
    return [];
  }

  /** Every event, in order. */
  all(): QueuedEvent[] {
    return [...this.#events];
  }
}
