// Takes batches and answers at once. Runs in a process of its own, so that it takes no time from the client's thread.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  const json = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  const accepted = JSON.parse(json).events.length;
  response.writeHead(202, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ accepted, rejected: 0, errors: [], warnings: [] }));
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
