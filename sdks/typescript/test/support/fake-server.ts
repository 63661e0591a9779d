import type { Transport, TransportRequest, TransportResponse } from '../../src/core/types.js';

export interface SentEvent {
  event_id: string;
  user_id: string;
  event_type: string;
  occurred_at: string;
  payload?: Record<string, unknown>;
}

/** A request as the server got it. */
export interface Received {
  url: string;
  request: TransportRequest;
  events: SentEvent[];
  sentAt: string;
}

/** What the server does with a request. */
export type Handler = (received: Received) => TransportResponse | Promise<TransportResponse>;

/** An answer. */
export function answer(status: number, body: unknown = '', headers: Record<string, string> = {}): TransportResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: new Headers(headers), text: async () => text };
}

/** The answer that takes all events of a request. */
export const accept: Handler = ({ events }) =>
  answer(202, { accepted: events.length, rejected: 0, errors: [], warnings: [] });

/** An answer with a code, as the server gives it. */
export function problem(
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): Handler {
  return () => answer(status, { status, code, ...more }, headers);
}

/** Takes a request and never answers. */
export const hang: Handler = () => new Promise(() => {});

/** A server in memory. It serves each request by the next handler, and by the last one from then on. */
export class FakeServer {
  readonly received: Received[] = [];
  readonly #handlers: Handler[];
  #open = 0;
  #mostOpen = 0;

  constructor(...handlers: Handler[]) {
    this.#handlers = handlers.length > 0 ? handlers : [accept];
  }

  /** The most requests that were open at a time. */
  get mostOpen(): number {
    return this.#mostOpen;
  }

  /** The number of events of each request. */
  get sizes(): number[] {
    return this.received.map(({ events }) => events.length);
  }

  /** Serves the requests that follow. */
  serve(...handlers: Handler[]): void {
    this.#handlers.splice(0, this.#handlers.length, ...handlers);
  }

  readonly transport: Transport = async (url, request) => {
    const body = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
    const { events, sent_at: sentAt } = JSON.parse(body) as { events: SentEvent[]; sent_at: string };
    const received = { url, request, events, sentAt };
    this.received.push(received);
    const handler = this.#handlers.length > 1 ? this.#handlers.shift() : this.#handlers[0];
    this.#mostOpen = Math.max(this.#mostOpen, ++this.#open);
    const aborted = new Promise<never>((_, reject) => {
      request.signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    });
    try {
      return await Promise.race([handler?.(received) ?? answer(500), aborted]);
    } finally {
      this.#open--;
    }
  };
}
