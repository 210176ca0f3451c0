import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFile,
  mkdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HASHED_BYTES } from '../../../lib/store/folder/file-content.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import { type Store, StoreError } from '../../../lib/store/store.ts';
import { assertSame } from '../../assert-same.ts';
import { bytes, conflict, storeContract } from '../contract.ts';
import { emptyFolder, everythingIn } from '../folders-and-workers.ts';

async function newStore(t: TestContext): Promise<{ folder: string; store: Store }> {
  const folder = join(await emptyFolder(t), 'data');
  return { folder, store: folderStore(folder) };
}

/** Checks that an operation rejects with a StoreError of one line that begins with the path and matches `says`. */
async function assertRefused(operation: Promise<unknown>, path: string, says: RegExp): Promise<void> {
  await assert.rejects(operation, (error) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.ok(error.message.startsWith(path), error.message);
    assert.ok(!error.message.includes('\n'));
    assert.match(error.message, says);
    return true;
  });
}

storeContract('folder', async (t) => {
  const { folder, store } = await newStore(t);
  return { store, other: folderStore(folder) };
});

test('a missing folder reads as empty and is not created by reading', async (t) => {
  const { folder, store } = await newStore(t);
  assert.equal(store.location, folder);
  assert.equal(await store.get('latest.json'), null);
  assert.equal(await store.head('latest.json'), null);
  assert.deepEqual(await store.list(''), []);
  assert.deepEqual(await store.listFolders('releases/'), []);
  await store.delete('latest.json');
  assert.deepEqual(await everythingIn(join(folder, '..')), []);
});

for (const size of [HASHED_BYTES, HASHED_BYTES + 1]) {
  test(`an object of ${size} bytes has the same etag in put, get, head and list`, async (t) => {
    const { folder, store } = await newStore(t);
    const body = new Uint8Array(size).map((_, index) => index * 7);
    const etag = await store.put('a/b.bin', body, 'absent');
    const got = await store.get('a/b.bin');
    assertSame(got?.body, body);
    assert.equal(got.etag, etag);
    const head = await store.head('a/b.bin');
    assert.deepEqual(await store.list('a/'), [head]);
    assert.equal(head?.key, 'a/b.bin');
    assert.equal(head.bytes, size);
    assert.equal(head.etag, etag);
    assert.ok(Math.abs(head.modified.getTime() - Date.now()) < 10_000);
    if (size <= HASHED_BYTES) assert.equal(etag, createHash('sha256').update(body).digest('hex'));
    assertSame(Buffer.from(body), await readFile(join(folder, 'a', 'b.bin')));
    const again = await store.put('a/b.bin', body.slice(), { etag });
    assert.equal(again === etag, size <= HASHED_BYTES, 'the same small bytes have the same etag');
    assert.equal((await store.head('a/b.bin'))?.etag, again);
  });
}

for (const size of [HASHED_BYTES, HASHED_BYTES + 10]) {
  test(`get returns ranges of an object of ${size} bytes`, async (t) => {
    const { store } = await newStore(t);
    const body = new Uint8Array(size).map((_, index) => index);
    const etag = await store.put('x', body, 'absent');
    for (const [start, end, upTo] of [
      [0, 0, 1],
      [2, 5, 6],
      [size - 1, size - 1, size],
      [3, size + 99, size],
    ] as const) {
      assertSame(await store.get('x', { start, end }), { body: body.slice(start, upTo), etag });
    }
    for (const [start, end] of [
      [size, size + 1],
      [5, 4],
      [-1, 2],
      [0.5, 2],
      [0, Number.NaN],
    ] as const) {
      await assertRefused(store.get('x', { start, end }), join(store.location, 'x'), /has no bytes/);
    }
  });
}

test('compare-and-swap detects a file edited by hand and leaves no temporary file', async (t) => {
  const { folder, store } = await newStore(t);
  const one = await store.put('latest.json', bytes('1'), 'absent');
  const two = await store.put('latest.json', bytes('2'), { etag: one });
  await appendFile(join(folder, 'latest.json'), ' edited by hand');
  await assert.rejects(store.put('latest.json', bytes('3'), { etag: two }), conflict);
  assert.equal(await readFile(join(folder, 'latest.json'), 'utf8'), '2 edited by hand');
  await store.delete('latest.json');
  await assert.rejects(store.put('latest.json', bytes('3'), { etag: two }), conflict);
  assert.deepEqual(await everythingIn(folder), ['.lock', '.tmp']);
});

for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP']) {
  test(`a create-only put succeeds only once if hard links fail with ${code}`, async (t) => {
    const { folder } = await newStore(t);
    const link = () => Promise.reject(Object.assign(new Error(code), { code }));
    const store = folderStore(folder, { link });
    const writes = [...'abcdefgh'].map((letter) => store.put('claim', bytes(letter), 'absent'));
    const results = await Promise.allSettled(writes);
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    for (const result of results) if (result.status === 'rejected') assert.ok(conflict(result.reason));
    assert.deepEqual(await everythingIn(folder), ['.lock', '.tmp', 'claim']);
  });
}

test('list skips dotfiles, and delete removes folders that become empty', async (t) => {
  const { folder, store } = await newStore(t);
  for (const key of ['r/b/2', 'r/a/1', 'r/a-b', 'latest.json', 'r/c/d/e/3'])
    await store.put(key, bytes(key), 'absent');
  await mkdir(join(folder, 'r', 'empty', 'too'), { recursive: true });
  await mkdir(join(folder, 'r', '.git'));
  await writeFile(join(folder, 'r', '.git', 'config'), '');
  await writeFile(join(folder, 'r', '.DS_Store'), '');
  await writeFile(join(folder, 'r', 'left: behind'), 'by hand');
  const keys = async (prefix: string) => (await store.list(prefix)).map((entry) => entry.key);
  assert.deepEqual(await keys(''), ['latest.json', 'r/a-b', 'r/a/1', 'r/b/2', 'r/c/d/e/3', 'r/left: behind']);
  assert.deepEqual(await keys('r/a/'), ['r/a/1']);
  assert.deepEqual(await keys('latest.json/'), []);
  assert.deepEqual(await store.listFolders(''), ['r']);
  assert.deepEqual(await store.listFolders('r/'), ['a', 'b', 'c']);
  assert.deepEqual(await store.listFolders('r/a-b/'), []);
  await store.delete('r/c/d/e/3');
  await store.delete('r/c/d/e/3');
  await store.delete('r/a');
  assert.deepEqual(await store.listFolders('r/'), ['a', 'b']);
  assert.ok(!(await everythingIn(folder)).includes('r/c'), 'emptied folders are removed');
  assert.equal(await store.get('r/a'), null);
  assert.equal(await store.head('r'), null);
  await assertRefused(store.list('r'), '"r"', /prefix/);
});

test('the root may be a link, but links below it are not followed', async (t) => {
  const parent = await emptyFolder(t);
  const [root, outside] = [join(parent, 'root'), join(parent, 'outside')];
  await mkdir(outside);
  await mkdir(join(parent, 'real'));
  await symlink(join(parent, 'real'), root);
  await writeFile(join(outside, 'secret.txt'), 'secret');
  const store = folderStore(root);
  await store.put('runs/private.txt', bytes('private'), 'absent');
  await symlink(outside, join(root, 'out'));
  await symlink(join(root, 'runs'), join(root, 'public'));
  await symlink(join(outside, 'secret.txt'), join(root, 'file.txt'));
  await symlink(join(parent, 'nowhere'), join(root, 'broken'));
  for (const key of ['out/secret.txt', 'public/private.txt', 'file.txt', 'broken', 'broken/x']) {
    assert.equal(await store.get(key), null, key);
    assert.equal(await store.head(key), null, key);
    await assert.rejects(
      store.put(key, bytes('x'), { etag: 'any' }),
      key.includes('/') ? StoreError : conflict,
    );
    await assert.rejects(store.put(key, bytes('x'), 'absent'), key.includes('/') ? StoreError : conflict);
    await store.delete(key);
  }
  const real = await realpath(root);
  await assertRefused(store.put('out/new/x', bytes('x'), 'anything'), `${real}/out: `, /link/);
  assert.deepEqual(
    (await store.list('')).map((entry) => entry.key),
    ['runs/private.txt'],
  );
  assert.deepEqual(await store.list('out/'), []);
  assert.deepEqual(await store.listFolders(''), ['runs']);
  assert.deepEqual(await store.listFolders('public/'), []);
  assert.deepEqual(await everythingIn(outside), ['secret.txt']);
  await store.put('file.txt', bytes('mine'), 'anything');
  assert.equal(
    await readFile(join(outside, 'secret.txt'), 'utf8'),
    'secret',
    'the link is replaced, not followed',
  );
});

test('a folder that is replaced by a link after its first use is not followed', async (t) => {
  const { folder, store } = await newStore(t);
  const outside = join(folder, '..', 'outside');
  await mkdir(join(outside, 'b'), { recursive: true });
  await writeFile(join(outside, 'b', 'secret.txt'), 'secret');
  for (const [replaced, says] of [
    ['a/b', /data\/a\/b: is a link/],
    ['a', /data\/a: is a link/],
    ['.tmp', /data\/\.tmp: is a link/],
  ] as const) {
    await store.put('a/b/1', bytes('1'), 'anything');
    assert.notEqual(await store.get('a/b/1'), null);
    await rm(join(folder, replaced), { recursive: true });
    await symlink(replaced === 'a/b' ? join(outside, 'b') : outside, join(folder, replaced));
    if (replaced !== '.tmp') assert.equal(await store.get('a/b/secret.txt'), null);
    await store.delete('a/b/secret.txt');
    await assertRefused(store.put('a/b/2', bytes('2'), 'anything'), '', says);
    await rm(join(folder, replaced));
  }
  assert.deepEqual(await everythingIn(outside), ['b', 'b/secret.txt']);
});

test('files below runs/ are private to their owner, other files follow the umask', async (t) => {
  const { folder, store } = await newStore(t);
  const before = process.umask(0o022);
  t.after(() => process.umask(before));
  const etag = await store.put('runs/r/plan.json', bytes('1'), 'absent');
  await store.put('runs/r/plan.json', bytes('2'), { etag });
  await store.put('runs/r/raw/admin0/AFG.json.gz', bytes('1'), 'anything');
  await store.put('releases/r/schema.json', bytes('1'), 'absent');
  await store.put('latest.json', bytes('1'), 'absent');
  const modes = (await everythingIn(folder))
    .filter((path) => !path.startsWith('.'))
    .map(async (path) => `${path} ${((await stat(join(folder, path))).mode & 0o777).toString(8)}`);
  assert.deepEqual(await Promise.all(modes), [
    'latest.json 644',
    'releases 755',
    'releases/r 755',
    'releases/r/schema.json 644',
    'runs 700',
    'runs/r 700',
    'runs/r/plan.json 600',
    'runs/r/raw 700',
    'runs/r/raw/admin0 700',
    'runs/r/raw/admin0/AFG.json.gz 600',
  ]);
});

test('put rejects .lock and .tmp if they are links, and a .lock that is no lock file', async (t) => {
  const { folder, store } = await newStore(t);
  const etag = await store.put('a', bytes('1'), 'absent');
  await symlink(join(folder, '..', 'elsewhere'), join(folder, '.lock'));
  await assertRefused(store.put('a', bytes('2'), { etag }), join(folder, '.lock'), /link/);
  await rm(join(folder, '.lock'));
  await writeFile(join(folder, '.lock'), 'something else '.repeat(100));
  await assertRefused(
    store.put('a', bytes('2'), { etag }),
    join(folder, '.lock'),
    /not a lock file; move it away/,
  );
  await rm(join(folder, '.lock'));
  await mkdir(join(folder, '.lock'));
  await assertRefused(store.put('a', bytes('2'), { etag }), join(folder, '.lock'), /cannot be locked/);
  const outside = join(folder, '..', 'outside');
  await mkdir(outside);
  await rm(join(folder, '.tmp'), { recursive: true });
  await symlink(outside, join(folder, '.tmp'));
  await assertRefused(store.put('b', bytes('2'), 'absent'), join(folder, '.tmp'), /link/);
  assert.deepEqual(await everythingIn(join(folder, '..')), [
    'data',
    'data/.lock',
    'data/.tmp',
    'data/a',
    'outside',
  ]);
});

test('the first write removes temporary files that are older than a day', async (t) => {
  const { folder } = await newStore(t);
  await mkdir(join(folder, '.tmp', 'folder'), { recursive: true });
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
  for (const name of ['old', 'young']) await writeFile(join(folder, '.tmp', name), 'half');
  for (const name of ['old', 'folder']) await utimes(join(folder, '.tmp', name), twoDaysAgo, twoDaysAgo);
  await folderStore(folder).put('a', bytes('a'), 'absent');
  assert.deepEqual(await everythingIn(folder), ['.tmp', '.tmp/folder', '.tmp/young', 'a']);
});
