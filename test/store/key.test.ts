import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { checkPrefix, compareKeys, isKey } from '../../lib/store/key.ts';
import { StoreError } from '../../lib/store/store.ts';
import { emptyFolder, everythingIn } from './folders-and-workers.ts';

const KEYS = [
  'latest.json',
  'releases/2026-11-24.1/parquet/admin1/country=AFG/admin1-AFG.parquet',
  'runs/2026-11-24T00-00-00Z-ab12/units/0/HTI.json',
  'a b/ünï/数.txt',
  'a..b',
  '%2e%2e',
  '~',
  '-rf',
  `${'x'.repeat(255)}/y`,
];

const NOT_KEYS = [
  '',
  '.',
  '..',
  '/',
  '/etc/passwd',
  'a/',
  'a//b',
  'a/./b',
  'a/../b',
  '../a',
  '.tmp/x',
  '.lock',
  'a/.hidden',
  'a\\b',
  '..\\a',
  'C:/x',
  'C:x',
  'a\0b',
  'a\nb',
  'a\u0085b',
  'a.',
  'a /b',
  'a/b ',
  '\ud800',
  'x'.repeat(256),
  'é'.repeat(128),
  'a/'.repeat(512),
];

for (const key of KEYS)
  test(`isKey accepts ${JSON.stringify(key.slice(0, 70))}`, () => assert.ok(isKey(key)));
for (const key of NOT_KEYS) {
  test(`every operation rejects the key ${JSON.stringify(key.slice(0, 40))}`, async (t) => {
    assert.ok(!isKey(key));
    const folder = await emptyFolder(t);
    const store = folderStore(join(folder, 'root'));
    const refused = (error: unknown) =>
      error instanceof StoreError && error.key === key && !error.message.includes('\n');
    await assert.rejects(store.get(key), refused);
    await assert.rejects(store.head(key), refused);
    await assert.rejects(store.put(key, new Uint8Array(1), 'absent'), refused);
    await assert.rejects(store.put(key, new Uint8Array(1), 'anything'), refused);
    await assert.rejects(store.delete(key), refused);
    assert.deepEqual(await everythingIn(folder), []);
  });
}

test('checkPrefix accepts an empty prefix, or a key and a slash', () => {
  for (const prefix of ['', 'a/', 'a/b/']) checkPrefix(prefix);
  for (const prefix of ['a', '/', '../', 'a//', '.tmp/', 'a/../'])
    assert.throws(() => checkPrefix(prefix), StoreError);
});

test('compareKeys sorts keys by their UTF-8 bytes', () => {
  const keys = ['b', 'a/b', '\u{1f600}', '\uffee', 'a', 'a-b', 'B'];
  assert.deepEqual(keys.sort(compareKeys), ['B', 'a', 'a-b', 'a/b', 'b', '\uffee', '\u{1f600}']);
});

/** Strings made of parts that are special in paths. */
const pathlike = fc
  .array(
    fc.constantFrom('..', '.', '/', '\\', 'a', 'B', ' ', '\0', ':', '%2f', 'é', '.tmp', 'runs', '\ud800'),
    { maxLength: 9 },
  )
  .map((parts) => parts.join(''));

test('put with any string as key writes that file below the root, or is rejected', async (t) => {
  const folder = await emptyFolder(t);
  const root = join(folder, 'root');
  await mkdir(root);
  await writeFile(join(folder, 'outside'), 'untouched');
  const store = folderStore(root);
  const body = Buffer.from('x');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(pathlike, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })),
      async (key) => {
        try {
          await store.put(key, body, 'anything');
        } catch (error) {
          assert.ok(error instanceof StoreError);
          return;
        }
        const path = join(root, key);
        assert.ok(!relative(root, path).startsWith('..') && path.startsWith(root + sep));
        assert.equal(await readFile(path, 'utf8'), 'x');
        assert.deepEqual(
          (await store.list('')).map((entry) => entry.key),
          [key],
        );
        await store.delete(key);
      },
    ),
    { numRuns: 300 },
  );
  assert.deepEqual(
    (await everythingIn(folder)).filter((name) => !name.includes('.tmp')),
    ['outside', 'root'],
  );
  assert.equal(await readFile(join(folder, 'outside'), 'utf8'), 'untouched');
});
