import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { version } from '../src/core/version.js';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** Resolves the package's name as a bundler with these conditions does. */
function resolve(conditions: string[], code: string): string {
  const flags = conditions.flatMap((condition) => ['-C', condition]);
  return execFileSync(process.execPath, [...flags, ...code.split('|')], { encoding: 'utf8' })
    .trim()
    .replace(/.*\/dist\//, '');
}

const builds: [conditions: string[], name: string][] = [
  [[], 'server'],
  [['browser'], 'browser'],
  [['workerd', 'worker', 'browser'], 'edge'],
  [['edge-light', 'browser'], 'edge'],
];
for (const [conditions, name] of builds) {
  test(`import_Conditions${conditions.join('And') || 'OfNode'}_IsThe${name}Build`, () => {
    const code = "--input-type=module|-e|console.log(import.meta.resolve('@segops/sdk'))";
    assert.equal(resolve(conditions, code), `${name}.mjs`);
  });

  test(`require_Conditions${conditions.join('And') || 'OfNode'}_IsThe${name}Build`, () => {
    assert.equal(resolve(conditions, "-p|require.resolve('@segops/sdk')"), `${name}.cjs`);
  });
}

for (const name of ['server', 'edge', 'browser'])
  test(`${name}Build_BothKinds_ExportTheClient`, () => {
    for (const code of [
      `--input-type=module|-e|import('./dist/${name}.mjs').then((all) => console.log(Object.keys(all).join()))`,
      `-p|Object.keys(require('./dist/${name}.cjs')).join()`,
    ])
      assert.equal(resolve([], code), 'SegOpsClient');
  });

test('dist_EveryFile_ImportsNothingFromOutside', () => {
  for (const name of readdirSync('dist').filter((file) => /\.[mc]js$/.test(file)))
    assert.doesNotMatch(readFileSync(join('dist', name), 'utf8'), /\brequire\(|^import |from ["']/m, name);
});

test('manifest_Dependencies_AreNone', () => {
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies'])
    assert.equal(manifest[kind], undefined);
});

test('version_OfTheSources_IsThatOfTheManifest', () => {
  assert.equal(version, manifest.version);
});
