import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EncodedEvent, encodeEvent } from '../src/core/event.js';
import { IdGenerator } from '../src/core/ids.js';
import type { TrackEvent } from '../src/core/types.js';

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const hour = 3_600_000;

function encode(event: unknown): EncodedEvent {
  return encodeEvent(event as TrackEvent, now, new IdGenerator());
}

function withFields(fields: object): EncodedEvent {
  return encode({ userId: 'user-1', eventType: 'page_viewed', ...fields });
}

/** Nests objects so deep. */
function nested(levels: number): object {
  return levels === 1 ? {} : { a: nested(levels - 1) };
}

/** A payload that takes so many bytes as JSON. */
function payloadOf(bytes: number): object {
  return { a: 'x'.repeat(bytes - '{"a":""}'.length) };
}

test('encodeEvent_AllFields_AreSentInSnakeCase', () => {
  const eventId = '01981B3E-7C1A-7B1C-8F02-6D1B9F3A2C41';

  const { json, bytes, fault } = withFields({
    payload: { price: 1 },
    occurredAt: '2026-01-01T10:00:00+01:00',
    eventId,
  });

  assert.equal(fault, undefined);
  assert.deepEqual(JSON.parse(json), {
    event_id: eventId,
    user_id: 'user-1',
    event_type: 'page_viewed',
    occurred_at: '2026-01-01T09:00:00.000Z',
    payload: { price: 1 },
  });
  assert.equal(bytes, json.length);
});

test('encodeEvent_RequiredFieldsOnly_HasIdAndTimeOfNow', () => {
  const { id, json } = withFields({});

  assert.deepEqual(JSON.parse(json), {
    event_id: id,
    user_id: 'user-1',
    event_type: 'page_viewed',
    occurred_at: '2026-01-02T03:04:05.678Z',
  });
});

test('encodeEvent_NullInOptionalFields_MeansAbsent', () => {
  const { fault, json } = withFields({ payload: null, occurredAt: null, eventId: null });

  assert.equal(fault, undefined);
  assert.equal('payload' in JSON.parse(json), false);
});

const valid: Record<string, object> = {
  'user id of 256 characters of 4 bytes': { userId: '😀'.repeat(256) },
  'event type of 128 characters of 4 bytes': { eventType: '😀'.repeat(128) },
  'payload of 32,768 bytes': { payload: payloadOf(32_768) },
  'payload of 10 levels': { payload: nested(10) },
  '24 hours ahead': { occurredAt: new Date(now + 24 * hour) },
  'the first moment of 2000': { occurredAt: '2000-01-01' },
};
for (const [name, fields] of Object.entries(valid))
  test(`encodeEvent_${name}_IsValid`, () => {
    assert.equal(withFields(fields).fault, undefined);
  });

const circular: Record<string, unknown> = {};
circular.self = circular;
const throwing = {
  get secret(): string {
    throw new Error('secret');
  },
};

const invalid: [name: string, fields: object, field: string, code: string][] = [
  ['no user id', { userId: undefined }, 'user_id', 'required'],
  ['number as user id', { userId: 5 }, 'user_id', 'wrong_type'],
  ['empty user id', { userId: '' }, 'user_id', 'empty'],
  ['user id of 257 characters', { userId: '😀'.repeat(257) }, 'user_id', 'too_long'],
  ['half of a surrogate pair', { userId: '\ud83d' }, 'user_id', 'invalid_characters'],
  ['no event type', { eventType: null }, 'event_type', 'required'],
  ['event type of 129 characters', { eventType: 'x'.repeat(129) }, 'event_type', 'too_long'],
  ['control character', { eventType: 'a\u0085' }, 'event_type', 'invalid_characters'],
  ['event id that is no UUID', { eventId: '42' }, 'event_id', 'invalid_event_id'],
  ['nil UUID', { eventId: '00000000-0000-0000-0000-000000000000' }, 'event_id', 'invalid_event_id'],
  ['time without form', { occurredAt: 'now' }, 'occurred_at', 'invalid_timestamp'],
  ['invalid Date', { occurredAt: new Date('x') }, 'occurred_at', 'invalid_timestamp'],
  ['number as time', { occurredAt: 1738331159 }, 'occurred_at', 'invalid_timestamp'],
  ['more than 24 hours ahead', { occurredAt: new Date(now + 24 * hour + 1) }, 'occurred_at', 'timestamp_in_future'],
  ['before 2000', { occurredAt: '1999-12-31T23:59:59.999Z' }, 'occurred_at', 'timestamp_too_old'],
  ['array as payload', { payload: [] }, 'payload', 'wrong_type'],
  ['text as payload', { payload: 'x' }, 'payload', 'wrong_type'],
  ['Date as payload', { payload: new Date() }, 'payload', 'wrong_type'],
  ['function as payload', { payload: () => 1 }, 'payload', 'wrong_type'],
  ['payload of 11 levels', { payload: nested(11) }, 'payload', 'payload_too_deep'],
  ['circular payload', { payload: circular }, 'payload', 'not_encodable'],
  ['BigInt in payload', { payload: { a: 1n } }, 'payload', 'not_encodable'],
  ['getter that throws', { payload: throwing }, 'payload', 'not_encodable'],
];
for (const [name, fields, field, code] of invalid)
  test(`encodeEvent_${name}_IsInvalid`, () => {
    const { id, fault } = withFields(fields);

    assert.deepEqual(
      { reason: fault?.reason, field: fault?.field, code: fault?.code },
      { reason: 'invalid', field, code },
    );
    assert.ok(id);
  });

test('encodeEvent_PayloadOf32769Bytes_IsTooLarge', () => {
  const { fault } = withFields({ payload: payloadOf(32_769) });

  assert.equal(fault?.reason, 'too_large');
  assert.equal(fault?.code, 'payload_too_large');
});

test('encodeEvent_PayloadOf32769BytesIn16385Characters_IsTooLarge', () => {
  assert.equal(withFields({ payload: { a: `x${'é'.repeat(16_380)}` } }).fault?.reason, 'too_large');
});

test('encodeEvent_NoObject_IsInvalid', () => {
  for (const event of [undefined, null, 5, 'x']) assert.equal(encode(event).fault?.reason, 'invalid', String(event));
});

test('encodeEvent_DeviceClockIn1970_IsValid', () => {
  const { fault } = encodeEvent({ userId: 'u', eventType: 'e' }, 5_000, new IdGenerator());

  assert.equal(fault, undefined);
});

test('encodeEvent_FaultOfAnException_RepeatsNoValue', () => {
  assert.doesNotMatch(JSON.stringify(withFields({ payload: throwing })), /secret/);
});

test('encodeEvent_SnakeCase_IsUsualAndOthersAreNot', () => {
  for (const eventType of ['order', 'order_placed', 'a1_2b'])
    assert.equal(withFields({ eventType }).unusualType, false, eventType);
  for (const eventType of ['orderPlaced', 'Order', '_a', 'a_', 'a__b', '1a', 'a b'])
    assert.equal(withFields({ eventType }).unusualType, true, eventType);
});
