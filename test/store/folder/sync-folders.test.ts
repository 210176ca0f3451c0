// Durable files are synced to disk. The test counts calls of fsync, so it replaces fsync before the store is loaded.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { emptyFolder } from '../folders-and-workers.ts';

let synced = 0;
const { fsync } = fs;
const counted = (file: number, done: (error: NodeJS.ErrnoException | null) => void): void => {
  synced++;
  fsync(file, done);
};
fs.fsync = Object.assign(counted, { __promisify__: fsync.__promisify__ });
syncBuiltinESMExports();
const { folderStore } = await import('../../../lib/store/folder/folder-store.ts');

test('put syncs created and swapped files, but no working files of a run', async (t) => {
  const store = folderStore(await emptyFolder(t));
  const syncs = async (work: () => Promise<unknown>): Promise<number> => {
    synced = 0;
    await work();
    return synced;
  };
  const body = Buffer.from('1');
  let etag = '';
  const create = async () => {
    etag = await store.put('latest.json', body, 'absent');
  };
  assert.equal(await syncs(create), 1);
  assert.equal(await syncs(() => store.put('latest.json', Buffer.from('2'), { etag })), 1);
  assert.equal(await syncs(() => store.put('runs/r/units/admin0/AFG.json', body, 'anything')), 0);
});
