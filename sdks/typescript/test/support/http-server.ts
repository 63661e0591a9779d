import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { SentEvent } from './fake-server.js';

/** A request as it came over the wire. */
export interface HttpReceived {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  wireBytes: number;
  events: SentEvent[];
}

/** Serves one request of a real socket. */
export type HttpHandler = (received: HttpReceived, response: ServerResponse, request: IncomingMessage) => void;

/** Answers with JSON. */
export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Takes all events. */
export const acceptAll: HttpHandler = ({ events }, response) =>
  reply(response, 202, { accepted: events.length, rejected: 0, errors: [], warnings: [] });

/** A server on a loopback port of its own. It serves each request by the next handler, and by the last one from then on. */
export async function startServer(
  context: TestContext,
  ...handlers: HttpHandler[]
): Promise<{ url: string; received: HttpReceived[]; serve: (...handlers: HttpHandler[]) => void }> {
  const received: HttpReceived[] = [];
  let left = handlers.length > 0 ? handlers : [acceptAll];
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const events = plain.length > 0 ? (JSON.parse(plain.toString()) as { events: SentEvent[] }).events : [];
    const { method = '', url: path = '', headers } = request;
    const one = { method, path, headers, wireBytes: body.length, events };
    received.push(one);
    const [handler, ...others] = left;
    if (others.length > 0) left = others;
    handler?.(one, response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const serve = (...next: HttpHandler[]): void => {
    left = next;
  };
  return { url: `http://127.0.0.1:${port}`, received, serve };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
