// Measures track() in the caller's thread, and how fast 100,000 queued events reach a local server. Run it on an idle machine.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { SegOpsClient } from '../dist/server.mjs';

const event = {
  userId: 'user-123',
  eventType: 'order_placed',
  payload: { order_id: 'ord-456', total: 89.95, currency: 'USD', items: [{ sku: 'a-1', count: 2 }], coupon: null },
};
const options = { apiKey: 'sk_test_key', logger: () => {} };
const callsPerSample = 20;
const samples = 20_000;

/** Microseconds a call, of each sample. A sample holds several calls, because reading the clock takes time as well. */
function measure(prepare, call) {
  const times = [];
  for (let sample = 0; sample < samples; sample++) {
    if ((sample * callsPerSample) % 10_000 === 0) prepare();
    const start = process.hrtime.bigint();
    for (let n = 0; n < callsPerSample; n++) call();
    times.push(Number(process.hrtime.bigint() - start) / 1_000 / callsPerSample);
  }
  return times.sort((a, b) => a - b);
}

function row(name, times) {
  const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(2).padStart(8);
  console.log(`${name.padEnd(24)}${at(0.5)}${at(0.99)}${at(1)}`);
}

function measureTrack() {
  let client;
  // Each client's queue takes 10,000 events. A transport that never answers keeps the sender out of the figures.
  const prepare = () => {
    client = new SegOpsClient({
      ...options,
      apiUrl: 'http://127.0.0.1',
      flushAt: 1e9,
      transport: () => new Promise(() => {}),
    });
  };
  const track = measure(prepare, () => client.track(event));
  const bare = measure(
    () => {},
    () => JSON.stringify(event),
  );
  console.log(`${'microseconds a call'.padEnd(24)}  median     99%     max`);
  row('track()', track);
  row('JSON.stringify(event)', bare);
}

async function measureDrain(gzip) {
  const server = fork(new URL('server.mjs', import.meta.url));
  const [port] = await once(server, 'message');
  const count = 100_000;
  const client = new SegOpsClient({ ...options, gzip, apiUrl: `http://127.0.0.1:${port}`, maxQueueEvents: count });
  for (let n = 0; n < count; n++) client.track(event);
  const start = performance.now();
  const { accepted } = await client.flush({ timeoutMs: 120_000 });
  const seconds = (performance.now() - start) / 1_000;
  await client.shutdown();
  server.disconnect();
  const rate = Math.round(accepted / seconds).toLocaleString('en');
  console.log(
    `drain of ${accepted} events, ${gzip ? 'gzip' : 'plain'}: ${seconds.toFixed(2)} s, ${rate} events a second`,
  );
}

measureTrack();
await measureDrain(true);
await measureDrain(false);
process.exit();
