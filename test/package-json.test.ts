// package.json, package-lock.json and CHANGELOG.md say the same, and every script is described.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CLIENT_VERSION } from '../lib/dtm/endpoints.ts';
import { ROOT } from './setting.ts';

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
const manifest = JSON.parse(await read('package.json'));
const lock = JSON.parse(await read('package-lock.json'));

describe('package.json', () => {
  test('the version is that of the lock file, the client and the newest release in CHANGELOG.md', async () => {
    const [, newest] = /^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$/m.exec(await read('CHANGELOG.md')) ?? [];
    const versions = [lock.version, lock.packages[''].version, CLIENT_VERSION, newest];
    assert.deepEqual(versions, Array(4).fill(manifest.version));
  });

  test('every dependency has an exact version, and the lock file has the same', () => {
    for (const kind of ['dependencies', 'devDependencies']) {
      assert.deepEqual(lock.packages[''][kind], manifest[kind]);
      for (const [name, version] of Object.entries(manifest[kind]))
        assert.match(String(version), /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
    }
  });

  test('every script has a description, and every description a script', () => {
    assert.deepEqual(Object.keys(manifest['//scripts']).sort(), Object.keys(manifest.scripts).sort());
  });

  test('every script is in the commands or tests of CONTRIBUTING.md, and npm run names no other', async () => {
    const text = await read('CONTRIBUTING.md');
    const named = new Set([...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name));
    const scripts = Object.keys(manifest.scripts);
    for (const name of named) assert.ok(scripts.includes(name ?? ''), `npm run ${name}`);
    const hidden = ['prepare', 'start', 'test', 'test:unit'];
    assert.deepEqual(
      scripts.filter((name) => !named.has(name)).sort(),
      hidden,
      'scripts that CONTRIBUTING.md does not name',
    );
  });

  test('types come before the default in exports, and both are below dist', () => {
    const { '.': entry } = manifest.exports;
    assert.deepEqual(Object.keys(entry), ['types', 'default']);
    for (const path of Object.values(entry)) assert.match(String(path), /^\.\/dist\//);
  });

  test('the folders of npm test and the other suites are all folders of test/ with tests', async () => {
    const inUnit = /test\/\{([^}]*)\}/.exec(manifest.scripts['test:unit'])?.[1]?.split(',') ?? [];
    const others = ['browser', 'chaos', 'interop', 'kill', 'package', 'stack', 'trino'];
    const entries = await readdir(join(ROOT, 'test'), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(folders.sort(), [...inUnit, ...others].sort());
    for (const name of others) assert.ok((await read('CONTRIBUTING.md')).includes(`| \`${name}\` |`), name);
  });
});
