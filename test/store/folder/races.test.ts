// What holds between processes, with processes: updates are not lost, a name is won once, and whoever dies, wherever,
// blocks nobody and leaves no half file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import { StoreError } from '../../../lib/store/store.ts';
import { begun, emptyFolder, everythingIn, kill, run, start, WORKER } from '../places.ts';

const eight = <T>(make: (index: number) => T): T[] => Array.from({ length: 8 }, (_, index) => make(index));
const zero = Buffer.from('0');

test('eight processes that each add 50 to a counter lose no update', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder);
  await store.put('counter.json', zero, 'absent');
  await Promise.all(eight(() => run(t, 'increment', folder, 50)));
  assert.equal(await readFile(join(folder, 'counter.json'), 'utf8'), '400');
});

test('of eight processes that create the same names, each name has one winner, whose bytes stay', async (t) => {
  const folder = await emptyFolder(t);
  const results = await Promise.all(eight(() => run(t, 'create', folder, 40)));
  const winners = new Map<number, number>();
  for (const { pid, won } of results as { pid: number; won: number[] }[]) {
    for (const name of won) {
      assert.ok(!winners.has(name), `claims/${name}.json was won twice`);
      winners.set(name, pid);
    }
  }
  assert.equal(winners.size, 40);
  for (const [name, pid] of winners) {
    assert.equal(await readFile(join(folder, 'claims', `${name}.json`), 'utf8'), String(pid));
  }
});

test('a process killed while it holds the lock blocks nobody', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder, { lockWait: 5_000 });
  const etag = await store.put('counter.json', zero, 'absent');
  const holder = start(t, 'hold the lock', folder);
  await begun(holder);
  await assert.rejects(folderStore(folder, { lockWait: 50 }).put('counter.json', zero, { etag }), (error) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /^\S+\.lock: another process has held the lock for 0\.05 s; .* run again$/);
    return true;
  });
  const waiting = store.put('counter.json', Buffer.from('1'), { etag });
  await kill(holder);
  await waiting;
});

test('processes killed at any moment of their swaps leave a whole counter that others go on with', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder);
  await store.put('counter.json', zero, 'absent');
  const others = Promise.all([run(t, 'increment', folder, 100), run(t, 'increment', folder, 100)]);
  for (let round = 0; round < 10; round++) {
    const victim = start(t, 'increment for ever', folder);
    await begun(victim);
    await sleep(Math.random() * 40);
    await kill(victim);
  }
  await others;
  const counted = Number(await readFile(join(folder, 'counter.json'), 'utf8'));
  assert.ok(counted >= 200, `${counted} of at least 200`);
});

test('a process killed at any moment of its writes leaves only whole files under final names', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder);
  const size = 2_000_000;
  const begin = async () => {
    const victim = start(t, 'write for ever', folder, size);
    await begun(victim);
    await sleep(20 + Math.random() * 60);
    await kill(victim);
  };
  for (let round = 0; round < 3; round++) await Promise.all([begin(), begin(), begin()]);
  const entries = await store.list('');
  assert.ok(entries.length > 1, 'something was written');
  for (const { key, bytes } of entries) {
    assert.equal(bytes, size, key);
    assert.equal(
      (await readFile(join(folder, key))).findLastIndex((byte) => byte !== 7),
      -1,
      key,
    );
  }
});

test('processes that empty a folder and fill it again do not fail each other', async (t) => {
  const folder = await emptyFolder(t);
  await Promise.all(eight(() => run(t, 'come and go', folder, 30)));
  await assert.rejects(stat(join(folder, 'shared')), { code: 'ENOENT' });
});

test('the lock makes no file but its own, writes nothing into it, and warns of nothing', async (t) => {
  const folder = await emptyFolder(t);
  await folderStore(folder).put('counter.json', zero, 'absent');
  const { stderr } = await promisify(execFile)(process.execPath, [WORKER, 'increment', folder, '1']);
  assert.doesNotMatch(stderr, /SQLite/);
  assert.deepEqual(await everythingIn(folder), ['.lock', '.tmp', 'counter.json']);
  assert.equal((await stat(join(folder, '.lock'))).size, 0);
});
