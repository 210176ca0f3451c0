// Guarantees between processes, tested with real processes: no update is lost, a key is created only once, and a killed
// process neither blocks the others nor leaves half a file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import { StoreError } from '../../../lib/store/store.ts';
import {
  emptyFolder,
  everythingIn,
  killWorker,
  runWorker,
  startWorker,
  WORKER,
  waitForOutput,
} from '../folders-and-workers.ts';

const eight = <T>(make: (index: number) => T): T[] => Array.from({ length: 8 }, (_, index) => make(index));
const zero = Buffer.from('0');

test('eight processes that each add 50 to a counter lose no update', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder);
  await store.put('counter.json', zero, 'absent');
  await Promise.all(eight(() => runWorker(t, 'increment', folder, 50)));
  assert.equal(await readFile(join(folder, 'counter.json'), 'utf8'), '400');
});

test('eight processes create the same keys: one wins each key, and its bytes stay', async (t) => {
  const folder = await emptyFolder(t);
  const results = await Promise.all(eight(() => runWorker(t, 'create', folder, 40)));
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

test('a process killed while it holds the lock does not block other writers', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder, { lockWait: 5_000 });
  const etag = await store.put('counter.json', zero, 'absent');
  const holder = startWorker(t, 'hold the lock', folder);
  await waitForOutput(holder);
  await assert.rejects(folderStore(folder, { lockWait: 50 }).put('counter.json', zero, { etag }), (error) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /^\S+\.lock: another process has held the lock for 0\.05 s; .* run again$/);
    return true;
  });
  const waiting = store.put('counter.json', Buffer.from('1'), { etag });
  await killWorker(holder);
  await waiting;
});

test('processes killed during a swap leave a whole file that others can swap', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder);
  await store.put('counter.json', zero, 'absent');
  const others = Promise.all([
    runWorker(t, 'increment', folder, 100),
    runWorker(t, 'increment', folder, 100),
  ]);
  for (let round = 0; round < 10; round++) {
    const victim = startWorker(t, 'increment forever', folder);
    await waitForOutput(victim);
    await sleep(Math.random() * 40);
    await killWorker(victim);
  }
  await others;
  const count = Number(await readFile(join(folder, 'counter.json'), 'utf8'));
  assert.ok(count >= 200, `${count} of at least 200`);
});

test('processes killed during a write leave only whole files under final names', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder);
  const size = 2_000_000;
  const runAndKill = async () => {
    const victim = startWorker(t, 'write forever', folder, size);
    await waitForOutput(victim);
    await sleep(20 + Math.random() * 60);
    await killWorker(victim);
  };
  for (let round = 0; round < 3; round++) await Promise.all([runAndKill(), runAndKill(), runAndKill()]);
  const objects = await store.list('');
  assert.ok(objects.length > 1, 'something was written');
  for (const { key, bytes } of objects) {
    assert.equal(bytes, size, key);
    assert.equal(
      (await readFile(join(folder, key))).findLastIndex((byte) => byte !== 7),
      -1,
      key,
    );
  }
});

test('processes that empty and refill the same folder do not fail', async (t) => {
  const folder = await emptyFolder(t);
  await Promise.all(eight(() => runWorker(t, 'create and delete', folder, 30)));
  await assert.rejects(stat(join(folder, 'shared')), { code: 'ENOENT' });
});

test('the lock leaves only an empty .lock file and prints no warning', async (t) => {
  const folder = await emptyFolder(t);
  await folderStore(folder).put('counter.json', zero, 'absent');
  const { stderr } = await promisify(execFile)(process.execPath, [WORKER, 'increment', folder, '1']);
  assert.doesNotMatch(stderr, /SQLite/);
  assert.deepEqual(await everythingIn(folder), ['.lock', '.tmp', 'counter.json']);
  assert.equal((await stat(join(folder, '.lock'))).size, 0);
});
