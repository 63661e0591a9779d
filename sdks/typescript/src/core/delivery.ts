import type { Finding, Verdict } from './answers.js';
import type { BatchLimits } from './batch-limits.js';
import { type QueuedEvent, unusualTypeCode } from './event.js';
import type { Settings } from './options.js';
import type { Pacing } from './pacing.js';
import type { EventQueue } from './queue.js';
import type { Reporter } from './reporter.js';
import type { ClientError, DropReason } from './types.js';

/** Why an event is dropped, beyond the reason. */
export type DropDetails = Partial<Omit<Finding, 'message'>> & { status?: number; message: string };

/** Takes what was decided about events. */
export interface Decisions {
  accept(event: QueuedEvent): void;
  drop(event: QueuedEvent, reason: DropReason, details: DropDetails): void;
}

/** A condition in which one event is tried from time to time. */
interface Hold {
  kind: 'configuration' | 'quota';
  /** How many events were tried. */
  probes: number;
  /** How many events still fit the quota. They are sent before the first probe. */
  allowance: number;
  /** The number of events in the request that was refused. */
  events: number;
}

/** An event that is refused alone so often, each time right after another was taken, is itself the cause. */
const refusalsOfCulprit = 2;

/** So many answers `bad_request` in a row are taken for a broken connection. */
const maxBadRequests = 3;

/** Chooses what is sent, and draws the conclusions from answers. */
export class Delivery {
  readonly #settings: Settings;
  readonly #queue: EventQueue;
  readonly #limits: BatchLimits;
  readonly #pacing: Pacing;
  readonly #reporter: Reporter;
  readonly #decisions: Decisions;
  #hold: Hold | undefined;
  #badRequests = 0;
  #afterSuccess = false;

  constructor(
    settings: Settings,
    queue: EventQueue,
    limits: BatchLimits,
    pacing: Pacing,
    reporter: Reporter,
    decisions: Decisions,
  ) {
    this.#settings = settings;
    this.#queue = queue;
    this.#limits = limits;
    this.#pacing = pacing;
    this.#reporter = reporter;
    this.#decisions = decisions;
  }

  /** Chooses the events of the next request. */
  nextBatch(): QueuedEvent[] {
    const hold = this.#hold;
    if (hold?.kind === 'configuration') return this.#queue.turn(hold.probes);
    const events = hold ? Math.max(1, hold.allowance) : this.#limits.events;
    return this.#queue.first(Math.min(events, this.#limits.events), this.#limits.bytes);
  }

  /** Chooses the events of the last request of a page that closes: none if the first does not fit. */
  exitBatch(maxBytes: number): QueuedEvent[] {
    if (this.#hold) return [];
    const batch = this.#queue.first(this.#limits.events, Math.min(maxBytes, this.#limits.bytes));
    return batch.length === 1 && (batch[0]?.bytes ?? 0) > maxBytes ? [] : batch;
  }

  /** Draws the conclusions from the answer to a request. */
  apply(batch: readonly QueuedEvent[], verdict: Exclude<Verdict, { kind: 'uncompressed' }>): void {
    const afterSuccess = this.#afterSuccess;
    this.#afterSuccess = verdict.kind === 'decided';
    switch (verdict.kind) {
      case 'decided':
        return this.#decide(batch, verdict);
      case 'split':
        return this.#split(batch, verdict);
      case 'transient':
        return this.#retry(batch, verdict);
      case 'quota':
        return this.#waitForQuota(batch, verdict);
      case 'configuration':
        return this.#waitForConfiguration(batch, verdict, afterSuccess);
    }
  }

  #decide(batch: readonly QueuedEvent[], verdict: Extract<Verdict, { kind: 'decided' }>): void {
    const { status, accepted, errors, warnings, pauseMs } = verdict;
    const waiting = this.#queue.size;
    batch.forEach((event, index) => {
      const error = errors.get(index);
      if (error) this.#decisions.drop(event, 'rejected', { status, ...error });
      else if (accepted) this.#decisions.accept(event);
    });
    for (const { index, ...warning } of warnings) {
      const event = batch[index];
      if (event?.unusualType && warning.code === unusualTypeCode) continue;
      this.#reporter.warning(event ? { eventId: event.id, ...warning } : warning);
    }
    this.#badRequests = 0;
    this.#limits.decided(waiting - this.#queue.size);
    this.#pacing.succeeded();
    if (pauseMs > 0) this.#pacing.pause(pauseMs);
    this.#continueAfterHold(batch.length, accepted);
  }

  #continueAfterHold(sent: number, accepted: boolean): void {
    const hold = this.#hold;
    if (!hold) return;
    if (hold.kind === 'quota') {
      // An answer that accepted nothing says nothing about the quota.
      if (!accepted) return this.#pacing.pauseAbout(this.#settings.quotaProbeIntervalMs);
      if (hold.allowance > 0) {
        hold.allowance -= sent;
        if (hold.allowance <= 0) this.#pacing.pauseAbout(this.#settings.quotaProbeIntervalMs);
        return;
      }
    } else {
      this.#limits.suspect(hold.events);
    }
    this.#hold = undefined;
    this.#reporter.log('info', `resumed:${hold.kind}`, 'The server takes events again.');
  }

  #split(batch: readonly QueuedEvent[], verdict: Extract<Verdict, { kind: 'split' }>): void {
    const { kind, reason, retryAfterMs = 0, ...answer } = verdict;
    const [event] = batch;
    this.#badRequests = 0;
    if (event && batch.length === 1) {
      const message =
        reason === 'too_large' ? 'The server takes no body of this size.' : 'The server refuses the event.';
      this.#decisions.drop(event, reason, { ...answer, message });
      this.#limits.found();
    } else if (reason === 'too_large') {
      this.#limits.tooLarge(batch.reduce((sum, { bytes }) => sum + bytes + 1, 0));
    } else {
      this.#limits.suspect(batch.length);
    }
    this.#logRetry(answer, this.#pacing.failed(retryAfterMs));
  }

  #retry(batch: readonly QueuedEvent[], verdict: Extract<Verdict, { kind: 'transient' }>): void {
    if (verdict.code === 'bad_request' && verdict.status === 400 && ++this.#badRequests > maxBadRequests)
      return this.#split(batch, { kind: 'split', reason: 'rejected', status: 400, code: verdict.code });
    this.#logRetry(verdict, this.#pacing.failed(verdict.retryAfterMs));
  }

  #waitForQuota(batch: readonly QueuedEvent[], verdict: Extract<Verdict, { kind: 'quota' }>): void {
    const fresh = this.#hold?.kind !== 'quota';
    const allowance = fresh && verdict.remaining < batch.length ? verdict.remaining : 0;
    this.#enterHold('quota', allowance, batch.length);
    const { status, code } = verdict;
    if (fresh)
      this.#reporter.error({ kind: 'quota', status, code, message: "The plan's events are used up. Events are held." });
    // The events that fit are sent at once.
    if (allowance === 0) this.#pacing.pauseAbout(this.#settings.quotaProbeIntervalMs);
  }

  #waitForConfiguration(
    batch: readonly QueuedEvent[],
    verdict: Extract<Verdict, { kind: 'configuration' }>,
    afterSuccess: boolean,
  ): void {
    const { kind, ...answer } = verdict;
    // The key was good a moment ago, so a firewall may refuse one of the events. 401 never depends on them.
    if (afterSuccess && this.#limits.suspicious && verdict.status !== 401) {
      const [event] = batch;
      if (batch.length > 1 || (event && ++event.refusals >= refusalsOfCulprit))
        return this.#split(batch, { kind: 'split', reason: 'rejected', ...answer });
    }
    const fresh = this.#hold?.kind !== 'configuration';
    this.#enterHold('configuration', 0, batch.length);
    if (fresh) this.#reporter.error({ kind, ...answer, message: configurationMessage(answer) });
    this.#pacing.pauseAbout(this.#settings.configurationProbeIntervalMs);
  }

  #enterHold(kind: Hold['kind'], allowance: number, events: number): void {
    if (this.#hold?.kind === kind) Object.assign(this.#hold, { allowance, probes: this.#hold.probes + 1 });
    else this.#hold = { kind, probes: 0, allowance, events };
  }

  #logRetry({ status, code }: { status?: number; code?: string }, waitMs: number): void {
    const cause = [status, code].filter((part) => part !== undefined).join(' ');
    this.#reporter.log('warn', 'retry', `A request failed (${cause}). The next follows in ${Math.round(waitMs)} ms.`);
  }
}

function configurationMessage({ status, code }: Pick<ClientError, 'status' | 'code'>): string {
  const cause = `${status}${code === undefined ? '' : ` ${code}`}`;
  return status === 401 || status === 403
    ? `The server refuses the key (${cause}). Events are held.`
    : `The server does not know the URL (${cause}). Events are held. Check apiUrl.`;
}
