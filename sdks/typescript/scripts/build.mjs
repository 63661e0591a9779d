// Makes dist: each build as one ES module and one CommonJS file, with declarations for both.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
process.chdir(root);
rmSync('dist', { recursive: true, force: true });

const entryPoints = ['src/server.ts', 'src/edge.ts', 'src/browser.ts'];
for (const [format, extension] of [
  ['esm', '.mjs'],
  ['cjs', '.cjs'],
])
  await build({
    entryPoints,
    bundle: true,
    format,
    outdir: 'dist',
    outExtension: { '.js': extension },
    platform: 'neutral',
    target: 'es2022',
  });

const declarations = 'build/declarations';
rmSync(declarations, { recursive: true, force: true });
const emit = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', declarations];
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.json', ...emit], { stdio: 'inherit' });

// Only what the entry points refer to is published. The two kinds differ in the names of the files that they import.
const reachable = new Set(entryPoints.map((entry) => join(declarations, basename(entry, '.ts'))));
for (const file of reachable) {
  const text = readFileSync(`${file}.d.ts`, 'utf8');
  for (const [, specifier] of text.matchAll(/from '(\..*)\.js'/g)) reachable.add(join(dirname(file), specifier));
  for (const kind of ['m', 'c']) {
    const target = join('dist', `${relative(declarations, file)}.d.${kind}ts`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text.replaceAll(/(from '\..*)\.js'/g, `$1.${kind}js'`));
  }
}
