import type { IdGenerator } from './ids.js';
import { hasControlCharacters, jsonDepth, scalars, utf8Bytes } from './text.js';
import { parseTime } from './time.js';
import type { DropReason, TrackEvent } from './types.js';

/** An event that waits for its answer. */
export interface QueuedEvent {
  /** The place in the order of tracking. */
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  /** The event as it is sent. It never changes, so every attempt sends the same bytes. */
  readonly json: string;
  /** The size of `json` in UTF-8. */
  readonly bytes: number;
  /** When it was tracked, on the monotonic clock. */
  readonly trackedAt: number;
  /** The key of its record, if it is stored. */
  readonly storageKey?: string;
  /** Whether the client has warned of its type. */
  readonly unusualType: boolean;
  inFlight: boolean;
  /** How often it was refused alone right after another event was taken. */
  refusals: number;
}

/** What was made of the caller's event. */
export interface EncodedEvent {
  id: string;
  type: string;
  json: string;
  bytes: number;
  /** Whether the type is not in snake_case, which is worth a warning. */
  unusualType: boolean;
  /** Why the event cannot be sent, if it cannot. */
  fault?: Fault;
}

/** Why an event cannot be sent. Codes are those of the server. */
export interface Fault {
  reason: Extract<DropReason, 'invalid' | 'too_large'>;
  field: string;
  code: string;
  message: string;
}

/** The server's code for a type that is not in snake_case. */
export const unusualTypeCode = 'event_type_not_snake_case';

const maxUserId = 256;
const maxEventType = 128;
const maxPayloadBytes = 32_768;
const maxPayloadLevels = 10;
const aheadMs = 24 * 3_600_000;
const earliestMs = Date.UTC(2000, 0, 1);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const nilUuid = '00000000-0000-0000-0000-000000000000';
const snakeCase = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/**
 * Checks an event and makes its JSON. It never throws.
 * @param now UTC in milliseconds since 1970.
 */
export function encodeEvent(event: TrackEvent, now: number, ids: IdGenerator): EncodedEvent {
  const encoded: EncodedEvent = { id: '', type: '', json: '', bytes: 0, unusualType: false };
  try {
    // Each property is read once, because a getter may answer differently the next time.
    const { userId, eventType, payload, occurredAt, eventId } = event;
    const validId = typeof eventId === 'string' && uuid.test(eventId) && eventId !== nilUuid;
    encoded.id = validId ? eventId : ids.next(now);
    encoded.type = typeof eventType === 'string' ? eventType : '';
    encoded.unusualType = !snakeCase.test(encoded.type);
    const occurred = occurredAt == null ? now : readTime(occurredAt);
    const payloadJson = payload == null ? '' : JSON.stringify(payload);
    const fault =
      textFault('user_id', userId, maxUserId) ??
      textFault('event_type', eventType, maxEventType) ??
      (eventId != null && !validId ? invalid('event_id', 'invalid_event_id', 'event_id must be a UUID.') : undefined) ??
      (occurredAt == null ? undefined : timeFault(occurred, now)) ??
      (payload == null ? undefined : payloadFault(payloadJson));
    if (fault) return { ...encoded, fault };

    encoded.json =
      `{"event_id":"${encoded.id}","user_id":${JSON.stringify(userId)},"event_type":${JSON.stringify(eventType)},` +
      `"occurred_at":"${new Date(occurred).toISOString()}"${payloadJson && `,"payload":${payloadJson}`}}`;
    encoded.bytes = utf8Bytes(encoded.json);
    return encoded;
  } catch {
    // The exception's text may repeat the payload, so it goes nowhere.
    encoded.id ||= ids.next(now);
    const fault = invalid('payload', 'not_encodable', 'The event cannot be encoded as JSON.');
    return { ...encoded, fault };
  }
}

function textFault(field: string, value: unknown, max: number): Fault | undefined {
  if (value == null) return invalid(field, 'required', `${field} is required.`);
  if (typeof value !== 'string') return invalid(field, 'wrong_type', `${field} must be a string.`);
  if (value === '') return invalid(field, 'empty', `${field} must not be empty.`);
  const length = scalars(value);
  if (Number.isNaN(length)) return invalid(field, 'invalid_characters', `${field} has half of a surrogate pair.`);
  if (length > max) return invalid(field, 'too_long', `${field} must have at most ${max} characters.`);
  if (field === 'event_type' && hasControlCharacters(value))
    return invalid(field, 'invalid_characters', `${field} must have no control characters.`);
  return undefined;
}

function readTime(value: unknown): number {
  if (typeof value === 'string') return parseTime(value);
  return value instanceof Date ? value.getTime() : Number.NaN;
}

function timeFault(time: number, now: number): Fault | undefined {
  const field = 'occurred_at';
  if (Number.isNaN(time)) return invalid(field, 'invalid_timestamp', `${field} must be a Date or ISO 8601 text.`);
  if (time > now + aheadMs) return invalid(field, 'timestamp_in_future', `${field} is more than 24 hours ahead.`);
  if (time < earliestMs) return invalid(field, 'timestamp_too_old', `${field} is before 2000.`);
  return undefined;
}

function payloadFault(json: string | undefined): Fault | undefined {
  const field = 'payload';
  if (!json?.startsWith('{')) return invalid(field, 'wrong_type', `${field} must be an object.`);
  // A UTF-16 unit takes at most 3 bytes, so short payloads need not be counted.
  if (json.length > maxPayloadBytes / 3 && utf8Bytes(json) > maxPayloadBytes)
    return {
      reason: 'too_large',
      field,
      code: 'payload_too_large',
      message: `${field} is over ${maxPayloadBytes} bytes.`,
    };
  if (jsonDepth(json) > maxPayloadLevels)
    return invalid(field, 'payload_too_deep', `${field} has more than ${maxPayloadLevels} levels.`);
  return undefined;
}

function invalid(field: string, code: string, message: string): Fault {
  return { reason: 'invalid', field, code, message };
}
