import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IdGenerator } from '../src/core/ids.js';

test('next_AnyTime_IsVersion7WithThatTime', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

  const id = new IdGenerator().next(now);

  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16), now);
});

test('next_WithinAMillisecond_Increases', () => {
  const ids = new IdGenerator();

  // More than one millisecond's counter holds.
  const made = Array.from({ length: 10_000 }, () => ids.next(1_700_000_000_000));

  assert.deepEqual(made, [...made].sort());
  assert.equal(new Set(made).size, made.length);
});

test('next_ClockGoesAnyWay_Increases', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { maxLength: 50 }), (times) => {
      const ids = new IdGenerator();
      const made = times.map((time) => ids.next(time));
      assert.deepEqual(made, [...made].sort());
    }),
  );
});
