import type { Transport } from './types.js';

/** Sends with the runtime's `fetch`, as it is at that moment: tracing and tests replace it. */
export const fetchTransport: Transport = (url, request) => fetch(url, request);
