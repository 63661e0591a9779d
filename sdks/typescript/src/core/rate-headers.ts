import type { TransportResponse } from './types.js';

type Headers = TransportResponse['headers'];

/**
 * Reads `Retry-After`: seconds or an HTTP date.
 * @param now UTC in milliseconds since 1970, for answers without `Date`.
 * @returns Milliseconds to wait from now, 0 if there is no such header.
 */
export function retryAfterMs(headers: Headers, now: number): number {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  if (Number.isNaN(at)) return 0;
  // The server's own clock is used where an answer has it, because the device's may be wrong.
  const sent = Date.parse(headers.get('date') ?? '');
  return Math.max(0, at - (Number.isNaN(sent) ? now : sent));
}

/** These windows end a hold of their own, and their `t` can be a month. */
const quotaPolicies = new Set(['month', 'day']);

/**
 * Reads `RateLimit`, such as `"minute";r=0;t=12, "month";r=499000;t=551957`.
 * @returns Milliseconds until calls are left again, 0 if some are left.
 */
export function exhaustedMs(headers: Headers): number {
  let longest = 0;
  for (const [, policy = '', parameters = ''] of (headers.get('ratelimit') ?? '').matchAll(/"([^"]*)"([^,]*)/g)) {
    const left = /;\s*r=(\d+)/.exec(parameters)?.[1];
    const seconds = /;\s*t=(\d+)/.exec(parameters)?.[1];
    if (Number(left) === 0 && !quotaPolicies.has(policy)) longest = Math.max(longest, Number(seconds ?? 0) * 1_000);
  }
  return longest;
}
