// A bucket or folder without the two guarantees of a store is refused before the first write, and the error names it.
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
import { emptyFolder, everythingIn, UNCOVERED } from './folders-and-workers.ts';
import { type Gaps, startTinyS3 } from './s3/start-tiny-s3.ts';

const CREATE =
  's3://bucket does not honour create-only writes (If-None-Match): two runs at once could overwrite each other; use a store which does';
const SWAP = CREATE.replace('create-only writes (If-None-Match)', 'compare-and-swap writes (If-Match)');

const BROKEN: [string, Gaps, string][] = [
  ['ignores If-None-Match', { ignores: ['if-none-match'] }, CREATE],
  ['ignores If-Match', { ignores: ['if-match'] }, SWAP],
  ['ignores both', { ignores: ['if-match', 'if-none-match'] }, CREATE],
  ['does not implement If-None-Match', { unknown: 'if-none-match' }, CREATE],
  ['does not implement If-Match', { unknown: 'if-match' }, SWAP],
];

for (const [behaviour, gaps, message] of BROKEN) {
  test(`export, withdraw and prune refuse a bucket that ${behaviour} before writing`, async (t) => {
    const { url } = await simulator(t);
    const { store, objects } = await startTinyS3(t, gaps);
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

test('checkPreconditions tests a bucket only once and deletes its test object', async (t) => {
  const { store, objects, requests } = await startTinyS3(t);
  await store.checkPreconditions();
  const [key] = requests.map((request) => request.split(' ')[1]);
  assert.match(key ?? '', /^runs\/promises\/[0-9a-f-]{36}$/);
  assert.deepEqual(requests, [`PUT ${key}`, `PUT ${key}`, `PUT ${key}`, 'versioning', `DELETE ${key}`]);
  assert.deepEqual([...objects.keys()], []);
  await store.checkPreconditions();
  assert.equal(requests.length, 5);
});

test('checkPreconditions accepts a bucket that forbids deletes', async (t) => {
  const { store, objects } = await startTinyS3(t, { deletes: false });
  await store.checkPreconditions();
  assert.deepEqual(
    [...objects].map(([, body]) => body.toString()),
    ['first'],
  );
});

test('prune does not create a missing folder to test its lock', async (t) => {
  const { folderStore } = await import('../../lib/store/folder/folder-store.ts');
  const folder = join(await emptyFolder(t), 'nothing');
  const rule = { keepNewest: 1, keepMonthly: 0, notice: 0, keepRuns: 0, publicUrl: null } as const;
  await prune(folderStore(folder), { ...rule, now: new Date() });
  await assert.rejects(stat(folder), { code: 'ENOENT' });
});

test('checkLock tests with another process if the system does not list its locks', async (t) => {
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

/** A library that grants every lock, like a file system that does not enforce locks. */
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

test('export refuses a folder whose locks are not enforced before writing', async (t) => {
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
