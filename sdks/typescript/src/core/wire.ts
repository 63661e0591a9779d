import type { QueuedEvent } from './event.js';

const encoder = new TextEncoder();

/** Bodies below this size grow by compression, or hardly shrink. */
const smallestCompressed = 1_024;

/** A request's body, and how it is encoded. */
export interface Body {
  bytes: Uint8Array<ArrayBuffer>;
  compressed: boolean;
}

/** The body's JSON. `sent_at` differs from one attempt to the next, and the events never do. */
export function bodyJson(events: readonly QueuedEvent[], now: number): string {
  return `{"sent_at":"${new Date(now).toISOString()}","events":[${events.map((event) => event.json).join(',')}]}`;
}

/** Encodes a body, compressed if that is wished and worth it. */
export async function encodeBody(json: string, gzip: boolean): Promise<Body> {
  const bytes = encoder.encode(json);
  if (!gzip || bytes.length < smallestCompressed) return { bytes, compressed: false };
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return { bytes: new Uint8Array(await new Response(stream).arrayBuffer()), compressed: true };
}
