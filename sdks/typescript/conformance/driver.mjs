// Lets the conformance runner drive the server build: commands on standard input, replies and events on standard output.
import { createInterface } from 'node:readline';
import { SegOpsClient } from '../dist/server.mjs';

const capabilities = ['gzip'];
const clients = new Map();
const throwing = new Set();

function write(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Writes an event of a client, and fails afterwards if the runner wishes that. */
function tell(client, event, details) {
  write({ ev: event, client, ...details });
  if (throwing.has(event)) throw new Error(`the callback ${event} throws`);
}

/** Names members as the protocol does. */
function snakeCase(object) {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

/** A transport whose first sends throw what no transport should. */
function throwingTransport(times) {
  let left = times;
  return (url, request) => {
    if (left-- > 0) throw { unexpected: true };
    return fetch(url, request);
  };
}

function open(client, { probeIntervalMs, throwingTransport: throws, ...options }) {
  const segops = new SegOpsClient({
    ...options,
    ...(probeIntervalMs && { quotaProbeIntervalMs: probeIntervalMs, configurationProbeIntervalMs: probeIntervalMs }),
    ...(throws && { transport: throwingTransport(throws) }),
    onDrop: (drop) => tell(client, 'drop', snakeCase(drop)),
    onError: (error) => tell(client, 'error', error),
    onWarning: (warning) => tell(client, 'warning', snakeCase(warning)),
    logger: (level, message) => tell(client, 'log', { level, message }),
  });
  clients.set(client, segops);
}

/** Tracks an event as often as asked, and measures the slowest call. */
function track(segops, { event, repeat = 1 }) {
  const ids = [];
  let slowest = 0;
  for (let n = 0; n < repeat; n++) {
    const one = repeat > 1 ? { ...event, payload: { ...event.payload, n } } : event;
    const start = process.hrtime.bigint();
    ids.push(segops.track(one));
    slowest = Math.max(slowest, Number(process.hrtime.bigint() - start));
  }
  return { ids, max_call_us: Math.round(slowest / 1_000) };
}

function mutate(segops, { event, mutation }) {
  const payload = event.payload ?? {};
  const ids = [segops.track({ ...event, payload })];
  Object.assign(payload, mutation);
  return { ids };
}

async function timed(action) {
  const start = performance.now();
  const result = await action();
  return { ...result, elapsed_ms: Math.round(performance.now() - start) };
}

const commands = {
  ping: () => ({}),
  track,
  mutate,
  identify: (segops, { userId, traits }) => ({ ids: [segops.identify({ userId, traits })] }),
  flush: (segops, { timeoutMs }) => timed(() => segops.flush({ timeoutMs })),
  shutdown: (segops, { timeoutMs }) => timed(() => segops.shutdown({ timeoutMs })),
  stats: (segops) => ({ stats: snakeCase(segops.stats()) }),
};

async function serve({ id, op, client = 'default', ...command }) {
  try {
    if (op === 'new') {
      open(client, command.options);
      return write({ id, ok: true, sdk: 'typescript/0.1.0', caps: capabilities });
    }
    if (op === 'throw_in_callback') {
      for (const callback of command.on) throwing.add(callback);
      return write({ id, ok: true });
    }
    const segops = clients.get(client);
    if (!segops && op !== 'ping') throw new Error(`There is no client ${client}.`);
    if (!commands[op]) throw new Error(`There is no command ${op}.`);
    write({ id, ok: true, ...(await commands[op](segops, command)) });
  } catch (error) {
    write({ id, ok: false, error: String(error?.message ?? error) });
  }
}

for await (const line of createInterface({ input: process.stdin })) void serve(JSON.parse(line));
