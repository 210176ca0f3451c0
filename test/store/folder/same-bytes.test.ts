// An object with the bytes of another one shares its file. If it cannot, the bytes are written.
import assert from 'node:assert/strict';
import { linkSync, renameSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HASHED_BYTES } from '../../../lib/store/folder/file-content.ts';
import { type FolderOptions, folderStore } from '../../../lib/store/folder/folder-store.ts';
import { assertSame } from '../../assert-same.ts';
import { bytes, conflict } from '../contract.ts';
import { emptyFolder } from '../folders-and-workers.ts';

const OLD = 'releases/1/a';
const NEW = 'releases/2/a';

/** A store with the object `OLD`. `isShared` says whether a key has the same file as `OLD`. */
async function storeWithObject(t: TestContext, options: FolderOptions = {}, size = 5) {
  const folder = join(await emptyFolder(t), 'data');
  const body = new Uint8Array(size).map((_, index) => index * 7);
  const store = folderStore(folder, options);
  await folderStore(folder).put(OLD, body, 'absent');
  const inode = (await stat(join(folder, OLD))).ino;
  const isShared = async (key: string): Promise<boolean> => {
    assertSame((await store.get(key))?.body, body, key);
    assert.deepEqual(await readdir(join(folder, '.tmp')), []);
    return (await stat(join(folder, key))).ino === inode;
  };
  return { folder, store, body, isShared };
}

const systemError = (code: string) => Object.assign(new Error(code), { code });

for (const size of [0, HASHED_BYTES, HASHED_BYTES + 1]) {
  test(`an object with the ${size} bytes of another one shares its file`, async (t) => {
    const { folder, store, body, isShared } = await storeWithObject(t, {}, size);
    const etag = await store.put(NEW, body, 'absent', OLD);
    assert.ok(await isShared(NEW));
    assert.equal((await store.head(NEW))?.etag, etag);
    await assert.rejects(store.put(NEW, body, 'absent', OLD), conflict);
    // Over another file, and over its own.
    await store.put('releases/2/b', bytes('other'), 'absent');
    for (const key of ['releases/2/b', 'releases/2/b', 'releases/2/c', OLD]) {
      assert.equal(await store.put(key, body, 'anything', OLD), (await store.head(key))?.etag);
      assert.ok(await isShared(key), key);
    }
    const swapped = await store.put('latest', bytes('other'), 'absent');
    await store.put('latest', body, { etag: swapped }, OLD);
    assert.ok(await isShared('latest'));
    // A new write of one of them leaves the others.
    await store.put(OLD, bytes('replaced'), 'anything');
    assertSame(await readFile(join(folder, NEW)), Buffer.from(body));
  });
}

test('an object below runs/ never shares a file', async (t) => {
  const { store, body, folder, isShared } = await storeWithObject(t);
  const before = process.umask(0o022);
  t.after(() => process.umask(before));
  await store.put('runs/r/a', body, 'anything', OLD);
  assert.ok(!(await isShared('runs/r/a')));
  assert.equal((await stat(join(folder, 'runs/r/a'))).mode & 0o777, 0o600);
  await store.put(NEW, body, 'absent', 'runs/r/a');
  assert.notEqual((await stat(join(folder, NEW))).ino, (await stat(join(folder, 'runs/r/a'))).ino);
  assert.equal((await stat(join(folder, NEW))).mode & 0o777, 0o644);
});

test('a source with other bytes, a link, a folder or a file outside is not linked', async (t) => {
  const { folder, store, body, isShared } = await storeWithObject(t);
  const outside = join(folder, '..', 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'a'), body);
  await writeFile(join(folder, 'releases/1/longer'), Buffer.concat([body, bytes('more')]));
  await writeFile(join(folder, 'releases/1/other'), '12345');
  await symlink(join(folder, OLD), join(folder, 'releases/1/link'));
  await symlink(join(outside, 'a'), join(folder, 'releases/1/link-outside'));
  await symlink(outside, join(folder, 'releases/1/folder-outside'));
  const sources = ['longer', 'other', 'link', 'link-outside', 'folder-outside/a', 'missing', '.'];
  for (const source of [...sources.map((name) => `releases/1/${name}`), 'releases', '../outside/a', outside])
    for (const precondition of ['absent', 'anything'] as const) {
      await store.delete(NEW);
      assert.ok(await store.put(NEW, body, precondition, source));
      assert.ok(!(await isShared(NEW)), source);
      assert.notEqual((await stat(join(folder, NEW))).ino, (await stat(join(outside, 'a'))).ino);
    }
});

for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'ENOENT']) {
  test(`the bytes are written if a hard link fails with ${code}`, async (t) => {
    const link: FolderOptions['link'] = async (from, to) => {
      if (from.endsWith(OLD)) throw systemError(code);
      linkSync(from, to);
    };
    const { store, body, isShared } = await storeWithObject(t, { link });
    await store.put(NEW, body, 'absent', OLD);
    await assert.rejects(store.put(NEW, body, 'absent', OLD), conflict);
    await store.put('releases/2/b', body, 'anything', OLD);
    for (const key of [NEW, 'releases/2/b']) assert.ok(!(await isShared(key)));
  });
}

test('the bytes are written if the file has no room for its last name', async (t) => {
  let isFirst = true;
  const link: FolderOptions['link'] = async (from, to) => {
    if (!from.endsWith(OLD) && isFirst) {
      isFirst = false;
      throw systemError('EMLINK');
    }
    linkSync(from, to);
  };
  const { store, body, isShared } = await storeWithObject(t, { link });
  await store.put(NEW, body, 'absent', OLD);
  assert.ok(!(await isShared(NEW)));
});

test('the bytes are written if the source is replaced just before the link', async (t) => {
  for (const precondition of ['absent', 'anything'] as const) {
    const link: FolderOptions['link'] = async (from, to) => {
      if (from.endsWith(OLD)) {
        // The file keeps a name, so that no new file gets its inode.
        renameSync(from, `${from}-kept`);
        renameSync(`${from}-other`, from);
      }
      linkSync(from, to);
    };
    const { folder, store, body, isShared } = await storeWithObject(t, { link });
    await writeFile(join(folder, `${OLD}-other`), '12345');
    await store.put(NEW, body, precondition, OLD);
    assert.ok(!(await isShared(NEW)), precondition);
  }
});

test('the bytes are written if another process removes the temporary name', async (t) => {
  let isFirst = true;
  const link: FolderOptions['link'] = async (from, to) => {
    if (!from.endsWith(OLD) && isFirst) {
      isFirst = false;
      rmSync(from);
    }
    linkSync(from, to);
  };
  const { store, body, isShared } = await storeWithObject(t, { link });
  await store.put(NEW, body, 'absent', OLD);
  assert.ok(!(await isShared(NEW)));
});
