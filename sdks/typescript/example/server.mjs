// A web server that tracks each page view, tells of what is not delivered, and ends without losing events.
// Run it beside `dotnet run --project SegOps.AppHost`, open http://localhost:3000/pricing, and press Ctrl+C.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { SegOpsClient } from '@segops/sdk';

const segops = new SegOpsClient({
  apiUrl: process.env.SEGOPS_API_URL ?? 'http://localhost:8080',
  apiKey: process.env.SEGOPS_API_KEY ?? 'sk_live_DemoFree0000000000000000000000001Qa6Fg',
  onDrop: ({ eventId, reason, message }) => console.error(`not delivered: ${eventId} (${reason}): ${message}`),
  onError: ({ message }) => console.error(message),
});

segops.identify({ userId: 'user-123', traits: { plan: 'starter', country: 'US' } });

const server = createServer((request, response) => {
  const eventId = segops.track({ userId: 'user-123', eventType: 'page_viewed', payload: { path: request.url } });
  response.end(`tracked ${eventId}\n`);
});
server.listen(3000, () => console.log('http://localhost:3000/'));

// The SDK installs no signal handlers. The program decides when it ends.
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
server.close();
server.closeAllConnections();
console.log(await segops.shutdown());
