// Compiled modules are kept where nobody else can put some, or nowhere.
import assert from 'node:assert/strict';
import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compileCacheFolder } from '../../lib/cli/compile-cache.ts';
import { readCacheHome } from '../../lib/environment/configuration.ts';
import { runInChildProcess } from '../setting.ts';
import { emptyFolder } from '../store/places.ts';

const home = async (t: TestContext): Promise<string> => join(await emptyFolder(t), 'home', '.cache');
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test("the command keeps compiled modules in a folder of the user's own, and nothing in the temporary folder", async (t) => {
  const folder = await emptyFolder(t);
  const [cache, temporary] = [join(folder, 'cache'), join(folder, 'tmp')];
  await mkdir(temporary);
  const env = { XDG_CACHE_HOME: cache, TMPDIR: temporary };
  assert.equal((await runInChildProcess(['--version'], { env })).exit, 0);
  assert.deepEqual(await readdir(cache), ['dtm-exporter']);
  const ours = join(cache, 'dtm-exporter');
  assert.deepEqual(await Promise.all([ours, join(ours, 'compiled')].map(modeOf)), ['700', '700']);
  assert.ok((await readdir(join(ours, 'compiled'), { recursive: true })).length > 10);
  assert.deepEqual(await readdir(temporary), []);
});

test('a cache that the user has named to Node is the one', async (t) => {
  const folder = await emptyFolder(t);
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  await runInChildProcess(['--version'], { env: { ...env, NODE_COMPILE_CACHE: join(folder, 'named') } });
  assert.deepEqual(await readdir(folder), ['named']);
});

/** What may lie there before, made by somebody else or by mistake. */
const REFUSED: [string, (cache: string) => Promise<unknown>][] = [
  ['writable by a group', (cache) => chmod(join(cache, 'dtm-exporter'), 0o770)],
  ['writable by all', (cache) => chmod(join(cache, 'dtm-exporter/compiled'), 0o707)],
  ['in a folder where all may exchange it', (cache) => chmod(cache, 0o777)],
  ['below such a one', (cache) => chmod(join(cache, '..'), 0o777)],
];

for (const [what, spoil] of REFUSED) {
  test(`a cache that is ${what} is none`, async (t) => {
    const cache = await home(t);
    assert.equal(compileCacheFolder(cache), join(cache, 'dtm-exporter', 'compiled'));
    await spoil(cache);
    assert.equal(compileCacheFolder(cache), null);
  });
}

for (const name of ['dtm-exporter', 'dtm-exporter/compiled']) {
  test(`a cache is none where ${name} is a link or a file, and nothing is made behind the link`, async (t) => {
    for (const make of [
      (path: string, other: string) => symlink(other, path),
      (path: string) => writeFile(path, ''),
    ]) {
      const [cache, other] = [await home(t), await emptyFolder(t)];
      await mkdir(join(cache, name, '..'), { recursive: true, mode: 0o700 });
      await make(join(cache, name), other);
      assert.equal(compileCacheFolder(cache), null);
      assert.deepEqual(await readdir(other), []);
    }
  });

  test(`a cache is none where ${name} is another user's`, async (t) => {
    if (process.getuid?.() !== 0) return t.skip('only root can give a folder away');
    const cache = await home(t);
    compileCacheFolder(cache);
    await chown(join(cache, name), 12_345, 12_345);
    assert.equal(compileCacheFolder(cache), null);
  });
}

test('a home that cannot be made is no error', async (t) => {
  const file = join(await emptyFolder(t), 'file');
  await writeFile(file, '');
  assert.equal(compileCacheFolder(join(file, 'cache')), null);
});

test('XDG_CACHE_HOME counts where it is an absolute path', () => {
  for (const [said, read] of [
    ['/var/cache/x', '/var/cache/x'],
    ['cache', null],
    [' ', null],
    [undefined, null],
  ] as const)
    assert.equal(readCacheHome(said === undefined ? {} : { XDG_CACHE_HOME: said }), read);
});
