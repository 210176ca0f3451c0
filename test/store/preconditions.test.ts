// A place that does not keep a store's promises is refused before anything is written there, by its name.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { prune } from '../../lib/retire/prune.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { checkLock } from '../../lib/store/folder/lock-check.ts';
import { StoreError } from '../../lib/store/store.ts';
import { exportInto, MAIN, simulator } from '../setting.ts';
import { publishBareReleases } from '../stores.ts';
import { emptyFolder, everythingIn, UNCOVERED } from './places.ts';
import { type Gaps, tinyS3 } from './s3/tiny-s3.ts';

const CREATE =
  's3://bucket does not honour create-only writes (If-None-Match): two runs at once could overwrite each other; use a store which does';
const SWAP = CREATE.replace('create-only writes (If-None-Match)', 'compare-and-swap writes (If-Match)');

const BROKEN: [string, Gaps, string][] = [
  ['ignores If-None-Match', { ignores: ['if-none-match'] }, CREATE],
  ['ignores If-Match', { ignores: ['if-match'] }, SWAP],
  ['ignores both', { ignores: ['if-match', 'if-none-match'] }, CREATE],
  ['knows no If-None-Match', { unknown: 'if-none-match' }, CREATE],
  ['knows no If-Match', { unknown: 'if-match' }, SWAP],
];

for (const [what, gaps, message] of BROKEN) {
  test(`a bucket that ${what} is refused before the first write of a run, a withdrawal or a pruning`, async (t) => {
    const { url } = await simulator(t);
    const { store, objects } = await tinyS3(t, gaps);
    await assert.rejects(exportInto({ folder: '', url, store, countries: ['TCD'], levels: [0] }), {
      name: 'StoreError',
      message,
    });
    assert.deepEqual([...objects.keys()], []);
    if (gaps.unknown) return;
    await publishBareReleases(store, ['2026-10-01.1', '2026-10-02.1']);
    const before = new Map(objects);
    const now = new Date();
    const options = { reason: 'x', now, publicUrl: null, announcer: null };
    await assert.rejects(withdrawRelease(store, '2026-10-01.1', options), { message });
    const rule = { keepNewest: 1, keepMonthly: 0, notice: 0, keepRuns: 0 };
    await assert.rejects(prune(store, { ...rule, now, publicUrl: null }), { message });
    assert.deepEqual(objects, before);
  });
}

test('a bucket that keeps both is tried once for a store, and what it was tried on is removed', async (t) => {
  const { store, objects, asked } = await tinyS3(t);
  await store.checkPreconditions();
  const [key] = asked.map((one) => one.split(' ')[1]);
  assert.match(key ?? '', /^runs\/promises\/[0-9a-f-]{36}$/);
  assert.deepEqual(asked, [`PUT ${key}`, `PUT ${key}`, `PUT ${key}`, 'versioning', `DELETE ${key}`]);
  assert.deepEqual([...objects.keys()], []);
  await store.checkPreconditions();
  assert.equal(asked.length, 5);
});

test('a bucket where nothing may be deleted is none without promises', async (t) => {
  const { store, objects } = await tinyS3(t, { deletes: false });
  await store.checkPreconditions();
  assert.deepEqual(
    [...objects].map(([, body]) => body.toString()),
    ['first'],
  );
});

test('pruning a folder that is not there does not make it to try its lock', async (t) => {
  const { folderStore } = await import('../../lib/store/folder/folder-store.ts');
  const folder = join(await emptyFolder(t), 'nothing');
  const rule = { keepNewest: 1, keepMonthly: 0, notice: 0, keepRuns: 0, publicUrl: null } as const;
  await prune(folderStore(folder), { ...rule, now: new Date() });
  await assert.rejects(stat(folder), { code: 'ENOENT' });
});

test('where the system does not list its locks, another process finds whether the lock holds', async (t) => {
  const file = join(await emptyFolder(t), '.lock');
  await writeFile(file, '');
  await assert.rejects(checkLock(file, '/nowhere'), (error) => {
    assert.ok(error instanceof StoreError);
    assert.match(
      error.message,
      /\.lock: the file system does not honour locks: .*; use a folder on a local disk$/,
    );
    return true;
  });
  const lock = new DatabaseSync(file);
  lock.exec('BEGIN IMMEDIATE');
  await checkLock(file, '/nowhere');
  lock.close();
});

/** A file system on which everybody gets every lock, made by a library between a process and the system. */
const NO_LOCKS = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>
static int call(int fd, int cmd, void *arg) {
  if (cmd == F_SETLK || cmd == F_SETLKW) return 0;
  return syscall(SYS_fcntl, fd, cmd, arg);
}
int fcntl(int fd, int cmd, ...) { va_list a; va_start(a, cmd); void *p = va_arg(a, void *); va_end(a); return call(fd, cmd, p); }
int fcntl64(int fd, int cmd, ...) { va_list a; va_start(a, cmd); void *p = va_arg(a, void *); va_end(a); return call(fd, cmd, p); }
`;

test('a folder whose locks keep nobody out is refused before the first write of an export', async (t) => {
  const folder = await emptyFolder(t);
  const library = join(folder, 'nolocks.so');
  const compiler =
    process.platform === 'linux' && ['cc', 'gcc'].find((name) => !spawnSync(name, ['--version']).error);
  if (!compiler) return t.skip('no C compiler to make such a file system with');
  execFileSync(compiler, ['-shared', '-fPIC', '-o', library, '-x', 'c', '-'], { input: NO_LOCKS });
  const to = join(folder, 'data');
  const { status, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'export', '--sample', '--to', to, '--quiet', '--countries', 'TCD'],
    { env: { ...UNCOVERED, LD_PRELOAD: library }, encoding: 'utf8' },
  );
  assert.match(stderr, /data\/\.lock: the file system does not honour locks: two runs at once could/);
  assert.equal(status, 1);
  assert.deepEqual(
    (await everythingIn(to)).filter((path) => !path.startsWith('.')),
    [],
  );
  assert.deepEqual(await readdir(to), ['.lock']);
});
