import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasControlCharacters, jsonDepth, scalars, utf8Bytes } from '../src/core/text.js';
import { parseTime } from '../src/core/time.js';

test('utf8Bytes_AnyText_IsTheEncodedSize', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(utf8Bytes(text), Buffer.byteLength(text));
    }),
  );
});

test('scalars_AnyText_CountsCharactersOfAnySizeOnce', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(scalars(text), [...text].length);
    }),
  );
});

test('scalars_HalfOfASurrogatePair_IsNaN', () => {
  assert.equal(scalars('a\ud83d'), Number.NaN);
});

test('hasControlCharacters_EachRange_IsFound', () => {
  for (const text of ['\u0000', 'a\n', '\u007f', '\u009f']) assert.ok(hasControlCharacters(text), JSON.stringify(text));
  for (const text of [' ', '~', '\u00a0', 'é', '😀']) assert.ok(!hasControlCharacters(text), text);
});

test('jsonDepth_AnyJson_CountsObjectsAndArrays', () => {
  const depth = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(jsonDepth(JSON.stringify(value)), depth(value));
    }),
  );
});

test('jsonDepth_BracketsAndQuotesInText_DoNotCount', () => {
  assert.equal(jsonDepth(JSON.stringify({ 'a{["\\': '}]"{[\\' })), 1);
});

test('parseTime_EveryForm_IsReadAsUtcUnlessItHasAnOffset', () => {
  const forms: Record<string, string> = {
    '2025-01-31': '2025-01-31T00:00:00.000Z',
    '2025-01-31T13:45': '2025-01-31T13:45:00.000Z',
    '2025-01-31 13:45:59': '2025-01-31T13:45:59.000Z',
    '2025-01-31T13:45:59,123456': '2025-01-31T13:45:59.123Z',
    '2025-01-31T13:45:59.1Z': '2025-01-31T13:45:59.100Z',
    '2025-01-31T15:45:59+02:00': '2025-01-31T13:45:59.000Z',
    '2025-01-31T15:45:59+0200': '2025-01-31T13:45:59.000Z',
    '2025-01-31T11:15:59-0230': '2025-01-31T13:45:59.000Z',
    '2025-01-31T15:45:59+02': '2025-01-31T13:45:59.000Z',
  };
  for (const [form, time] of Object.entries(forms)) assert.equal(new Date(parseTime(form)).toISOString(), time, form);
});

test('parseTime_OtherForms_AreNaN', () => {
  for (const form of [
    '',
    'yesterday',
    '1738331159',
    '20250131T134559Z',
    '2025-02-30',
    '2025-13-01',
    '2025-01-31T24:30',
    ' 2025-01-31',
  ])
    assert.equal(parseTime(form), Number.NaN, form);
});
