/** An event to send. */
export interface TrackEvent {
  /** Your id of the user: 1 to 256 characters. */
  userId: string;

  /** What happened, in snake_case, such as `order_placed`: 1 to 128 characters without control characters. */
  eventType: string;

  /** Properties: an object that takes at most 32,768 bytes as JSON and nests at most 10 levels. Default: none. */
  payload?: object;

  /** When it happened: a `Date` or ISO 8601 text, from 2000 until 24 hours ahead. Default: now. */
  occurredAt?: Date | string;

  /** A UUID that identifies the event. SegOps counts an id once. Default: a new UUID of version 7. */
  eventId?: string;
}

/** Traits of a user to set. */
export interface Identification {
  /** Your id of the user: 1 to 256 characters. */
  userId: string;

  /** Traits by name. `null` unsets one, and traits that are not named keep their values. The limits of a payload hold. */
  traits: object;

  /** When the traits were known: as for an event. Default: now. */
  occurredAt?: Date | string;

  /** A UUID, as for an event. Default: a new UUID of version 7. */
  eventId?: string;
}

/**
 * Why an event was not delivered:
 * - `queue_full`: the queue had no room for it.
 * - `invalid`: it breaks a rule of events, or its payload cannot be encoded as JSON.
 * - `too_large`: its payload is over 32,768 bytes, or the server takes no body that small.
 * - `rejected`: the server refused it.
 * - `expired`: it could not be delivered within `maxEventAgeMs`.
 * - `shutdown`: the deadline of `shutdown` ended before it was delivered.
 * - `closed`: it was tracked after `shutdown`.
 */
export type DropReason = 'queue_full' | 'invalid' | 'too_large' | 'rejected' | 'expired' | 'shutdown' | 'closed';

/** Tells of one event that is not delivered. */
export interface Drop {
  eventId: string;
  /** The event's type, or an empty string if that is no string. */
  eventType: string;
  reason: DropReason;
  /** The status of the server's answer, if one decided. */
  status?: number;
  /** A stable code, such as `payload_too_deep`. */
  code?: string;
  /** The field at fault. */
  field?: string;
  /** The event's place in the request, from 0, if the server named it. */
  index?: number;
  /** For people. It repeats no value of the event. */
  message: string;
}

/** Tells of a condition that stops the delivery of all events. Each is reported once, until it has ended and comes again. */
export interface ClientError {
  /**
   * - `configuration`: the server refuses the key or does not know the URL. Events are held, and one is tried every 5 minutes.
   * - `quota`: the plan's events are used up. Events are held, and one is tried every 15 minutes.
   * - `storage`: the browser's storage fails. Events are in memory only.
   */
  kind: 'configuration' | 'quota' | 'storage';
  status?: number;
  code?: string;
  message: string;
}

/** Tells of something to correct. The event was delivered, or is still to be. */
export interface Warning {
  eventId?: string;
  field?: string;
  code?: string;
  message: string;
}

/** Counts of one flush. */
export interface FlushResult {
  /** Events that the server took. */
  accepted: number;
  /** Events that the server refused. */
  rejected: number;
  /** Events that were dropped for another reason. */
  dropped: number;
  /** Events that are still queued or in flight. */
  remaining: number;
}

/** Counts of a client since it was made. `tracked = accepted + rejected + dropped + queued + inFlight`, at every moment. */
export interface Stats {
  tracked: number;
  accepted: number;
  rejected: number;
  dropped: number;
  queued: number;
  inFlight: number;
  /** The parts of `dropped`, by reason. */
  drops: Partial<Record<Exclude<DropReason, 'rejected'>, number>>;
}

/** When to stop waiting. */
export interface WaitOptions {
  /** The longest time to wait, in milliseconds. Default: `shutdownTimeoutMs`. */
  timeoutMs?: number;
}

/** When to stop waiting for a flush. */
export interface FlushOptions extends WaitOptions {
  /** Ends the wait early. The flush then resolves with the counts so far; it does not reject. */
  signal?: AbortSignal;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes a line of the client's log. Lines hold counts, codes and ids of events, and no data of users, payloads or keys. */
export type Logger = (level: LogLevel, message: string) => void;

/** What a transport is asked to send. `fetch` takes it as its second argument. */
export interface TransportRequest {
  method: 'POST';
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | string;
  signal: AbortSignal;
  redirect: 'manual';
  keepalive?: boolean;
}

/** The parts of a `Response` that are read. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Sends one request. It has the signature of `fetch`, and must follow no redirect. */
export type Transport = (url: string, request: TransportRequest) => Promise<TransportResponse>;
