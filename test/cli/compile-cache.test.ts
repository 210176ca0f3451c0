// Compiled modules are cached only in a folder to which no other user can write.
import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compileCacheFolder } from '../../lib/cli/compile-cache.ts';
import { readCacheHome } from '../../lib/environment/configuration.ts';
import { runInChildProcess } from '../setting.ts';
import { emptyFolder } from '../store/folders-and-workers.ts';

const cacheHome = async (t: TestContext): Promise<string> => join(await emptyFolder(t), 'home', '.cache');
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('compiled modules go into a private folder, and none into the temporary folder', async (t) => {
  const folder = await emptyFolder(t);
  const [cache, temporary] = [join(folder, 'cache'), join(folder, 'tmp')];
  await mkdir(temporary);
  const env = { XDG_CACHE_HOME: cache, TMPDIR: temporary };
  assert.equal((await runInChildProcess(['--version'], { env })).exit, 0);
  assert.deepEqual(await readdir(cache), ['dtm-exporter']);
  const cacheFolder = join(cache, 'dtm-exporter');
  assert.deepEqual(await Promise.all([cacheFolder, join(cacheFolder, 'compiled')].map(modeOf)), [
    '700',
    '700',
  ]);
  assert.ok((await readdir(join(cacheFolder, 'compiled'), { recursive: true })).length > 10);
  assert.deepEqual(await readdir(temporary), []);
});

test('NODE_COMPILE_CACHE replaces the private folder', async (t) => {
  const folder = await emptyFolder(t);
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  await runInChildProcess(['--version'], { env: { ...env, NODE_COMPILE_CACHE: join(folder, 'named') } });
  assert.deepEqual(await readdir(folder), ['named']);
});

/** Cache folders that other users could write to or replace. */
const REFUSED: [string, (cache: string) => Promise<unknown>][] = [
  ['writable by a group', (cache) => chmod(join(cache, 'dtm-exporter'), 0o770)],
  ['writable by all', (cache) => chmod(join(cache, 'dtm-exporter/compiled'), 0o707)],
  ['in a folder that all may write to', (cache) => chmod(cache, 0o777)],
  ['two levels below a folder that all may write to', (cache) => chmod(join(cache, '..'), 0o777)],
];

for (const [problem, changeMode] of REFUSED) {
  test(`a cache folder that is ${problem} is not used`, async (t) => {
    const cache = await cacheHome(t);
    assert.equal(compileCacheFolder(cache), join(cache, 'dtm-exporter', 'compiled'));
    await changeMode(cache);
    assert.equal(compileCacheFolder(cache), null);
  });
}

for (const name of ['dtm-exporter', 'dtm-exporter/compiled']) {
  test(`no cache is used if ${name} is a file or a link, and the link is not followed`, async (t) => {
    for (const make of [
      (path: string, other: string) => symlink(other, path),
      (path: string) => writeFile(path, ''),
    ]) {
      const [cache, other] = [await cacheHome(t), await emptyFolder(t)];
      await mkdir(join(cache, name, '..'), { recursive: true, mode: 0o700 });
      await make(join(cache, name), other);
      assert.equal(compileCacheFolder(cache), null);
      assert.deepEqual(await readdir(other), []);
    }
  });

  test(`no cache is used if ${name} belongs to another user`, async (t) => {
    if (process.getuid?.() !== 0) return t.skip('only root can give a folder away');
    const cache = await cacheHome(t);
    compileCacheFolder(cache);
    await chown(join(cache, name), 12_345, 12_345);
    assert.equal(compileCacheFolder(cache), null);
  });
}

test('no cache is used if its folder cannot be created', async (t) => {
  const file = join(await emptyFolder(t), 'file');
  await writeFile(file, '');
  assert.equal(compileCacheFolder(join(file, 'cache')), null);
});

test('XDG_CACHE_HOME is used only if it is an absolute path', () => {
  for (const [value, expected] of [
    ['/var/cache/x', '/var/cache/x'],
    ['cache', null],
    [' ', null],
    [undefined, null],
  ] as const)
    assert.equal(readCacheHome(value === undefined ? {} : { XDG_CACHE_HOME: value }), expected);
});
