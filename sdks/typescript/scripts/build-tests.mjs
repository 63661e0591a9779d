// Compiles the tests with the sources that they test, because Node 20 runs no TypeScript.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

process.chdir(join(import.meta.dirname, '..'));
rmSync('build/test', { recursive: true, force: true });
await build({
  entryPoints: readdirSync('test')
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name)),
  bundle: true,
  format: 'esm',
  outdir: 'build/test',
  outExtension: { '.js': '.mjs' },
  packages: 'external',
  platform: 'node',
  sourcemap: 'inline',
  target: 'node20',
});
