// Fails when a build has grown beyond what a page should load for it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { transformSync } from 'esbuild';

/** Bytes, minified and compressed. Raise a limit only together with a feature that is worth it. */
const limits = { server: 9_500, edge: 9_500, browser: 11_000 };

for (const [name, limit] of Object.entries(limits)) {
  const source = readFileSync(join(import.meta.dirname, '..', 'dist', `${name}.mjs`), 'utf8');
  const size = gzipSync(transformSync(source, { minify: true, format: 'esm' }).code).length;
  console.log(`${name}: ${size} of ${limit} bytes, minified and compressed`);
  if (size > limit) process.exitCode = 1;
}
