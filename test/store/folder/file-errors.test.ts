// Errors of the file system, real ones where a test can cause them. Each message is one line with the path, what is
// wrong and what to do. A failed write leaves neither a final nor a temporary file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fileStoreError } from '../../../lib/store/folder/file-errors.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import { StoreError } from '../../../lib/store/store.ts';
import { emptyFolder, everythingIn, UNCOVERED, WORKER } from '../folders-and-workers.ts';

const body = new Uint8Array(3);

function storeErrorAt(path: string, pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.ok(error.message.startsWith(path), error.message);
    assert.match(error.message, pattern);
    assert.ok(error.cause instanceof Error);
    return true;
  };
}

test("every operation rejects a file in place of the store's folder", async (t) => {
  const file = join(await emptyFolder(t), 'taken');
  await writeFile(file, 'mine');
  const pattern = /a file stands where a folder is needed; move it away or choose another folder$/;
  for (const store of [folderStore(file), folderStore(join(file, 'below'))]) {
    await assert.rejects(store.put('a', body, 'absent'), storeErrorAt(file, pattern));
  }
  const store = folderStore(file);
  await assert.rejects(store.get('a'), storeErrorAt(file, pattern));
  await assert.rejects(store.head('a/b'), storeErrorAt(file, pattern));
  await assert.rejects(store.list(''), storeErrorAt(file, pattern));
  await assert.rejects(store.listFolders(''), storeErrorAt(file, pattern));
});

test('put rejects a file in place of a folder of the key, and the reverse', async (t) => {
  const folder = await emptyFolder(t);
  const store = folderStore(folder);
  await store.put('a', body, 'absent');
  await mkdir(join(folder, 'b'));
  assert.equal(await store.get('a/b'), null);
  await assert.rejects(store.put('a/b', body, 'absent'), storeErrorAt(join(folder, 'a'), /a file stands/));
  await assert.rejects(
    store.put('b', body, 'anything'),
    storeErrorAt(join(folder, 'b'), /a folder stands where a file/),
  );
  assert.deepEqual(await everythingIn(folder), ['.tmp', 'a', 'b']);
});

test('a write that fails halfway leaves no file', async (t) => {
  const folder = await emptyFolder(t);
  const limited = `ulimit -f 1000 && exec "${process.execPath}" "${WORKER}" 'write once' "${folder}" 3000000`;
  const { stdout } = await promisify(execFile)('sh', ['-c', limited], { env: UNCOVERED });
  assert.deepEqual(JSON.parse(stdout), {
    name: 'StoreError',
    key: 'some/file.bin',
    message: `${folder}/some/file.bin: the file is larger than the system allows here; choose another disk or raise the limit`,
  });
  assert.deepEqual(await everythingIn(folder), ['.tmp']);
});

test('put into a folder without permission to write is rejected', async (t) => {
  const folder = await emptyFolder(t);
  await chmod(folder, 0o555);
  const env = process.getuid?.() === 0 ? { ...UNCOVERED, AS_USER: '65534' } : UNCOVERED;
  const { stdout } = await promisify(execFile)(process.execPath, [WORKER, 'write once', folder, '10'], {
    env,
  });
  const { message } = JSON.parse(stdout);
  assert.ok(message.startsWith(`${folder}: `), message);
  assert.match(message, /: permission denied; get access to it or choose another folder$/);
  assert.deepEqual(await everythingIn(folder), []);
});

const CODES: [code: string, pattern: RegExp][] = [
  ['ENOSPC', /disk is full; free some space/],
  ['EDQUOT', /quota/],
  [`Unknown system error -${constants.errno.EDQUOT}`, /your disk quota is used up; free some space/],
  ['Unknown system error -9999', /the system refused \(Unknown system error -9999\)/],
  ['EROFS', /read-only; choose another/],
  ['ENAMETOOLONG', /too long/],
  ['EMFILE', /too many files/],
  ['EIO', /the system refused \(EIO\)/],
];
for (const [code, pattern] of CODES) {
  test(`fileStoreError explains ${code}`, () => {
    const error = fileStoreError('a', '/data/a', Object.assign(new Error('no'), { code }));
    assert.ok(storeErrorAt('/data/a: ', pattern)(error));
  });
}

test('a disk that is full when the file gets its name is reported, and no file stays', async (t) => {
  const folder = await emptyFolder(t);
  const link = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
  await assert.rejects(
    folderStore(folder, { link }).put('a', body, 'absent'),
    storeErrorAt(join(folder, 'a'), /disk is full/),
  );
  assert.deepEqual(await everythingIn(folder), ['.tmp']);
});
