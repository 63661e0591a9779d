import type { Clock } from './clock.js';
import type { SegOpsOptions } from './options.js';
import type { ClientError, Drop, Logger, LogLevel, Warning } from './types.js';

/** How long lines of one kind are held back after one was written. */
const quietMs = 60_000;

/** Calls the caller's callbacks and logger. None of them can break the client. */
export class Reporter {
  readonly #clock: Clock;
  readonly #options: Pick<SegOpsOptions, 'onDrop' | 'onError' | 'onWarning'>;
  readonly #logger: Logger;
  readonly #lines = new Map<string, { writtenAt: number; held: number }>();

  constructor(clock: Clock, options: Pick<SegOpsOptions, 'logger' | 'onDrop' | 'onError' | 'onWarning'>) {
    this.#clock = clock;
    this.#options = options;
    this.#logger = options.logger ?? writeToConsole;
  }

  drop(drop: Drop): void {
    callLater(this.#options.onDrop, drop);
    const cause = [drop.status, drop.code].filter((part) => part !== undefined).join(' ');
    this.log('warn', `drop:${drop.reason}`, `Dropped event ${drop.eventId}: ${drop.reason}${cause && ` (${cause})`}.`);
  }

  error(error: ClientError): void {
    callLater(this.#options.onError, error);
    this.log('error', `error:${error.kind}`, error.message);
  }

  warning(warning: Warning): void {
    callLater(this.#options.onWarning, warning);
    this.log('warn', 'warning', `Warning for event ${warning.eventId ?? '-'}: ${warning.code ?? warning.message}.`);
  }

  /**
   * Writes a line unless one of its kind was written within a minute.
   * @param kind One of a small number of kinds.
   * @param message Text without data of users, payloads or keys.
   */
  log(level: LogLevel, kind: string, message: string): void {
    const now = this.#clock.elapsed();
    const last = this.#lines.get(kind);
    if (last && now - last.writtenAt < quietMs) {
      last.held++;
      return;
    }
    const more = last?.held ? ` ${last.held} more of this kind since the last line.` : '';
    this.#lines.set(kind, { writtenAt: now, held: 0 });
    callLater((text: string) => this.#logger(level, text), message + more);
  }
}

/** Calls a callback after the caller has gone on, and ignores what it throws or rejects. */
function callLater<T>(callback: ((value: T) => unknown) | undefined, value: T): void {
  if (callback)
    Promise.resolve(value)
      .then(callback)
      .catch(() => {});
}

function writeToConsole(level: LogLevel, message: string): void {
  if (level === 'warn' || level === 'error') console[level](`[segops] ${message}`);
}
