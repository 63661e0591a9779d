/// <reference lib="esnext.disposable" preserve="true" />
import { BatchLimits } from './batch-limits.js';
import { Delivery, type DropDetails } from './delivery.js';
import { encodeEvent, type QueuedEvent, unusualTypeCode } from './event.js';
import { Flushes, type FlushLimits } from './flushes.js';
import { IdGenerator } from './ids.js';
import { Ledger } from './ledger.js';
import { readOptions, type SegOpsOptions, type Settings } from './options.js';
import { Pacing } from './pacing.js';
import type { Platform, StoredEvent } from './platform.js';
import { EventQueue } from './queue.js';
import { Reporter } from './reporter.js';
import { Requests } from './requests.js';
import { Sender } from './sender.js';
import type { DropReason, FlushOptions, FlushResult, Identification, Stats, TrackEvent, WaitOptions } from './types.js';

/** The longest wait for a store to finish. */
const storeCloseMs = 1_000;

/** What the clients of all builds have in common. */
export class CoreClient {
  readonly #settings: Settings;
  readonly #platform: Platform;
  readonly #reporter: Reporter;
  readonly #ids = new IdGenerator();
  readonly #ledger = new Ledger();
  readonly #queue: EventQueue;
  readonly #flushes: Flushes;
  readonly #pacing: Pacing;
  readonly #sender: Sender;
  readonly #waitUntil: SegOpsOptions['waitUntil'];
  #hostWaits = false;
  #sequence = 0;
  #shutdown: Promise<FlushResult> | undefined;

  /** @internal */
  protected constructor(options: SegOpsOptions, platform: Platform) {
    const settings = readOptions(options, platform.defaults);
    const { clock } = platform;
    this.#settings = settings;
    this.#platform = platform;
    this.#waitUntil = options.waitUntil;
    this.#reporter = new Reporter(clock, options);
    this.#queue = new EventQueue(settings.maxQueueEvents, settings.maxQueueBytes);
    this.#flushes = new Flushes(clock);
    this.#pacing = new Pacing(clock, platform.random, settings);
    const decisions = {
      accept: (event: QueuedEvent) => this.#accept(event),
      drop: (event: QueuedEvent, reason: DropReason, details: DropDetails) => this.#drop(event, reason, details),
    };
    const limits = new BatchLimits(clock, settings);
    this.#sender = new Sender({
      settings,
      clock,
      queue: this.#queue,
      pacing: this.#pacing,
      delivery: new Delivery(settings, this.#queue, limits, this.#pacing, this.#reporter, decisions),
      requests: new Requests(settings, platform, this.#reporter),
      decisions,
      online: platform.online ?? (() => true),
      onAnswer: () => this.#flushes.paused(this.#pacing.resumeAt),
    });
    if (settings.enabled && platform.store) void this.#adopt();
  }

  /**
   * Queues an event. It is sent later, in a batch. This neither waits nor throws: an event that cannot be sent goes to `onDrop`.
   * @returns The event's id, also if the event is dropped.
   */
  track(event: TrackEvent): string {
    const { clock, store } = this.#platform;
    const now = clock.wall();
    const { id, type, json, bytes, unusualType, fault } = encodeEvent(event, now, this.#ids);
    if (!this.#settings.enabled) return id;

    this.#ledger.track();
    const refuse = (reason: DropReason, details: DropDetails): string => {
      this.#count({ id, type }, reason, details);
      return id;
    };
    if (this.#shutdown) return refuse('closed', { message: 'The client is shut down.' });
    if (fault) {
      const { reason, ...details } = fault;
      return refuse(reason, details);
    }
    if (!this.#queue.hasRoom(bytes)) return refuse('queue_full', { message: 'The queue is full.' });

    if (unusualType)
      this.#reporter.warning({
        eventId: id,
        field: 'event_type',
        code: unusualTypeCode,
        message: 'event_type should be in snake_case, such as order_placed.',
      });
    const storageKey = store?.save({ id, type, json, at: now });
    this.#enqueue({
      sequence: ++this.#sequence,
      id,
      type,
      json,
      bytes,
      trackedAt: clock.elapsed(),
      ...(storageKey !== undefined && { storageKey }),
      unusualType,
      inFlight: false,
      refusals: 0,
    });
    return id;
  }

  /**
   * Queues the event `context_identified`, which sets traits of a user.
   * @returns The event's id, also if the event is dropped.
   */
  identify(identification: Identification): string {
    const { traits, ...event } = identification ?? {};
    return this.track({ ...event, eventType: 'context_identified', payload: traits });
  }

  /**
   * Sends what is queued, and waits until every event that was tracked before has an outcome. It never rejects.
   * Pauses that the server asks for are kept. If the time is out, the events stay queued and are `remaining`.
   * After `shutdown` it returns that call's result.
   */
  flush(options: FlushOptions = {}): Promise<FlushResult> {
    if (this.#shutdown) return this.#shutdown;
    return this.#wait({ timeoutMs: options.timeoutMs ?? this.#settings.shutdownTimeoutMs, signal: options.signal });
  }

  /**
   * Takes no more events, sends what is queued, and ends the client. It never rejects.
   * At the deadline, or as soon as a pause reaches beyond it, the request in flight is aborted and the other events are dropped
   * with `shutdown`. A store keeps them instead. Further calls return the first call's result.
   */
  shutdown(options: WaitOptions = {}): Promise<FlushResult> {
    this.#shutdown ??= this.#close(options.timeoutMs ?? this.#settings.shutdownTimeoutMs);
    return this.#shutdown;
  }

  /** Counts what became of the events. */
  stats(): Stats {
    return this.#ledger.stats(this.#queue.size, this.#queue.inFlight);
  }

  /** Is `shutdown`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /**
   * Sends what fits into the last request of a page that closes.
   * @internal
   */
  protected sendOnExit(): void {
    this.#sender.sendOnExit();
  }

  /**
   * Looks anew at what can be sent, for example because the network is back.
   * @internal
   */
  protected wake(): void {
    this.#sender.wake();
  }

  /**
   * Tells of a failure of the store.
   * @internal
   */
  protected storageFailed(message: string): void {
    this.#reporter.error({ kind: 'storage', message });
  }

  #enqueue(event: QueuedEvent): void {
    this.#queue.add(event);
    const { size, bytes } = this.#queue;
    if (size === 1) this.#platform.busy?.(this);
    if (this.#waitUntil) this.#keepHost(this.#waitUntil);
    // Any other event changes nothing about when the next request is made.
    if (size === 1 || size >= this.#settings.flushAt || bytes >= this.#settings.maxBatchBytes) this.#sender.wake();
  }

  #keepHost(waitUntil: (promise: Promise<unknown>) => void): void {
    if (this.#hostWaits) return;
    this.#hostWaits = true;
    const drain = async (): Promise<void> => {
      // The events that the caller tracks in one go are sent together.
      await Promise.resolve();
      while (this.#queue.size > 0 && (await this.flush()).remaining === 0);
      this.#hostWaits = false;
    };
    try {
      waitUntil(drain());
    } catch {
      this.#reporter.log('warn', 'wait_until', 'waitUntil failed. The host may end before events are sent.');
    }
  }

  async #wait(limits: FlushLimits): Promise<FlushResult> {
    const { flush, ended } = this.#flushes.open(this.#queue.last, this.#queue.size, limits);
    this.#sender.flush();
    this.#flushes.paused(this.#pacing.resumeAt);
    await ended;
    this.#flushes.close(flush);
    return flush.result;
  }

  async #close(timeoutMs: number): Promise<FlushResult> {
    const { flush, ended } = this.#flushes.open(this.#queue.last, this.#queue.size, { timeoutMs, impatient: true });
    this.#sender.flush();
    this.#flushes.paused(this.#pacing.resumeAt);
    await ended;
    this.#sender.stop();
    const { store, clock, closed } = this.#platform;
    // A store that hangs must not hold the caller.
    if (store) await Promise.race([store.close(), new Promise<void>((end) => clock.after(storeCloseMs, end, true))]);
    const message = 'The client was shut down before the event was delivered.';
    for (const event of this.#queue.all())
      if (!store?.keeps(event.storageKey ?? '')) this.#drop(event, 'shutdown', { message });
    this.#flushes.close(flush);
    closed?.();
    return flush.result;
  }

  async #adopt(): Promise<void> {
    const { clock, store } = this.#platform;
    const stored = (await store?.adopt()) ?? [];
    if (this.#shutdown || stored.length === 0) return;
    const events = stored.map(({ key, id, type, json, at }: StoredEvent): QueuedEvent => {
      const age = Math.max(0, clock.wall() - at);
      const trackedAt = clock.elapsed() - age;
      return {
        sequence: ++this.#sequence,
        id,
        type,
        json,
        bytes: json.length,
        trackedAt,
        storageKey: key,
        unusualType: false,
        inFlight: false,
        refusals: 0,
      };
    });
    this.#ledger.track(events.length);
    this.#queue.addFirst(events);
    this.#sender.flush();
  }

  #accept(event: QueuedEvent): void {
    if (!this.#forget(event)) return;
    this.#ledger.accept();
    this.#flushes.count(event.sequence, 'accepted');
  }

  #drop(event: QueuedEvent, reason: DropReason, details: DropDetails): void {
    if (!this.#forget(event)) return;
    this.#count(event, reason, details);
    this.#flushes.count(event.sequence, reason === 'rejected' ? 'rejected' : 'dropped');
  }

  #count({ id, type }: { id: string; type: string }, reason: DropReason, details: DropDetails): void {
    this.#ledger.drop(reason);
    this.#reporter.drop({ eventId: id, eventType: type, reason, ...details });
  }

  #forget(event: QueuedEvent): boolean {
    if (!this.#queue.remove(event)) return false;
    if (event.storageKey !== undefined) this.#platform.store?.remove(event.storageKey);
    if (this.#queue.size === 0) this.#platform.idle?.(this);
    return true;
  }
}
