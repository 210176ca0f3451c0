// The tests that every writable store must pass. They run against each kind of store.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Store, StoreConflictError, StoreError } from '../../lib/store/store.ts';
import { assertSame } from '../assert-same.ts';

/** Makes an empty store. `other` is a second instance of the same store, as another process would have it. */
export type MakeStore = (t: TestContext) => Promise<{ store: Store; other: Store }>;

export const bytes = (text: string) => new Uint8Array(Buffer.from(text));
export const conflict = (error: unknown) => error instanceof StoreConflictError;

const read = async (store: Store, key: string) =>
  Buffer.from((await store.get(key))?.body ?? []).toString('utf8');

/** Checks that an operation rejects with a StoreError of one line that has the key or prefix and matches `says`. */
async function assertRefused(operation: Promise<unknown>, key: string, says: RegExp): Promise<void> {
  await assert.rejects(operation, (error) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.key, key);
    assert.ok(!error.message.includes('\n'));
    assert.match(error.message, says);
    return true;
  });
}

/** Registers the tests for a kind of store. */
export function storeContract(kind: string, make: MakeStore): void {
  test(`${kind}: an empty store lists nothing, and deleting a missing key is no error`, async (t) => {
    const { store } = await make(t);
    assert.equal(await store.get('latest.json'), null);
    assert.equal(await store.get('latest.json', { start: 0, end: 1 }), null);
    assert.equal(await store.head('latest.json'), null);
    assert.deepEqual(await store.list(''), []);
    assert.deepEqual(await store.list('releases/'), []);
    assert.deepEqual(await store.listFolders('releases/'), []);
    await store.delete('latest.json');
  });

  for (const size of [0, 1, (1 << 20) + 1, 6_000_000]) {
    test(`${kind}: an object of ${size} bytes is read as written, with one etag`, async (t) => {
      const { store, other } = await make(t);
      const body = new Uint8Array(size).map((_, index) => index * 7);
      const etag = await store.put('a/b.bin', body, 'absent');
      assert.match(etag, /^[^"]+$/);
      assertSame(await other.get('a/b.bin'), { body, etag });
      const head = await other.head('a/b.bin');
      assert.deepEqual({ ...head, modified: 0 }, { key: 'a/b.bin', bytes: size, etag, modified: 0 });
      assert.ok(Math.abs(Number(head?.modified) - Date.now()) < 60_000);
      const [listed, ...more] = await store.list('a/');
      assert.deepEqual({ ...listed, modified: 0 }, { key: 'a/b.bin', bytes: size, etag, modified: 0 });
      assert.deepEqual(more, []);
      const again = await other.put('a/b.bin', bytes('other'), { etag });
      assert.notEqual(again, etag);
      assert.equal((await store.head('a/b.bin'))?.etag, again);
    });
  }

  test(`${kind}: get cuts a range at the object's end and rejects a range without bytes`, async (t) => {
    const { store } = await make(t);
    const body = new Uint8Array(1000).map((_, index) => index);
    const etag = await store.put('x', body, 'absent');
    for (const [start, end, upTo] of [
      [0, 0, 1],
      [2, 5, 6],
      [999, 999, 1000],
      [3, 1099, 1000],
    ] as const)
      assertSame(await store.get('x', { start, end }), { body: body.slice(start, upTo), etag });
    for (const [start, end] of [
      [1000, 1001],
      [5, 4],
      [-1, 2],
      [0.5, 2],
      [0, Number.NaN],
    ] as const) {
      const outside = store.get('x', { start, end });
      await assertRefused(outside, 'x', /x has no bytes/);
      await assert.rejects(outside, ({ cause }: Error) => cause instanceof RangeError);
    }
  });

  test(`${kind}: a create-only put succeeds only once`, async (t) => {
    const { store, other } = await make(t);
    await store.put('claim.json', bytes('first'), 'absent');
    await assert.rejects(other.put('claim.json', bytes('second'), 'absent'), conflict);
    await assert.rejects(store.put('claim.json', bytes('first'), 'absent'), conflict);
    assert.equal(await read(other, 'claim.json'), 'first');
    await store.put('claim.json', bytes('third'), 'anything');
    assert.equal(await read(other, 'claim.json'), 'third');
    await store.delete('claim.json');
    await other.put('claim.json', bytes('fourth'), 'absent');
    assert.equal(await read(store, 'claim.json'), 'fourth');
  });

  test(`${kind}: a compare-and-swap put fails if the object has changed`, async (t) => {
    const { store, other } = await make(t);
    const none = { etag: '0123456789abcdef0123456789abcdef' };
    await assert.rejects(store.put('latest.json', bytes('1'), none), conflict);
    const one = await store.put('latest.json', bytes('1'), 'absent');
    const two = await other.put('latest.json', bytes('2'), { etag: one });
    await assert.rejects(store.put('latest.json', bytes('3'), { etag: one }), (error) => {
      assert.ok(conflict(error));
      assert.match(String(error), /latest\.json: expected version \S+, found something else/);
      return true;
    });
    assert.equal(await read(store, 'latest.json'), '2');
    await store.delete('latest.json');
    await assert.rejects(store.put('latest.json', bytes('3'), { etag: two }), conflict);
    assert.equal(await store.get('latest.json'), null);
  });

  test(`${kind}: one of 20 concurrent creates wins, and 20 swaps lose no update`, async (t) => {
    const { store, other } = await make(t);
    const letters = [...'abcdefghijklmnopqrst'];
    const storeOf = (index: number) => (index % 2 ? store : other);
    const claims = await Promise.allSettled(
      letters.map((letter, index) => storeOf(index).put('claim', bytes(letter), 'absent')),
    );
    const winners = letters.filter((_, index) => claims[index]?.status === 'fulfilled');
    assert.equal(winners.length, 1);
    assert.equal(await read(store, 'claim'), winners[0]);
    for (const claim of claims) assert.ok(claim.status === 'fulfilled' || conflict(claim.reason));

    await store.put('pointer', bytes('-'), 'absent');
    const append = async (letter: string, index: number): Promise<void> => {
      const now = await storeOf(index).get('pointer');
      const next = bytes(Buffer.from(now?.body ?? []).toString() + letter);
      await storeOf(index)
        .put('pointer', next, { etag: now?.etag ?? '' })
        .catch((error) => {
          if (!conflict(error)) throw error;
          return append(letter, index);
        });
    };
    await Promise.all(letters.map(append));
    assert.equal([...(await read(other, 'pointer'))].sort().join(''), `-${letters.join('')}`);
  });

  for (const size of [0, 5, (1 << 20) + 1]) {
    test(`${kind}: an object written with the key of the same ${size} bytes is an object of its own`, async (t) => {
      const { store, other } = await make(t);
      const body = new Uint8Array(size).map((_, index) => index * 7);
      await store.put('releases/1/a', body, 'absent');
      await store.put('releases/1/b', bytes('other'), 'absent');
      const isRead = async (key: string, etag: string) => {
        assertSame(await other.get(key), { body, etag }, key);
        assert.equal((await other.head(key))?.etag, etag, key);
      };
      const created = await store.put('releases/2/a', body, 'absent', 'releases/1/a');
      await isRead('releases/2/a', created);
      await assert.rejects(store.put('releases/2/a', body, 'absent', 'releases/1/a'), conflict);
      await assert.rejects(store.put('releases/1/b', body, { etag: created }, 'releases/1/a'), conflict);
      assert.equal(await read(other, 'releases/1/b'), 'other');
      const { etag = '' } = (await store.head('releases/1/b')) ?? {};
      await isRead('releases/1/b', await store.put('releases/1/b', body, { etag }, 'releases/1/a'));
      for (const key of ['releases/2/a', 'releases/1/a', 'releases/3/a'])
        await isRead(key, await store.put(key, body, 'anything', 'releases/1/a'));
      await store.put('releases/1/a', bytes('replaced'), 'anything');
      await isRead('releases/2/a', (await other.head('releases/2/a'))?.etag ?? '');
      for (const source of ['releases/1/a', 'releases/1/missing', 'missing/a', '../a', '']) {
        await isRead('releases/3/a', await store.put('releases/3/a', body, 'anything', source));
        await store.delete('releases/3/a');
        await isRead('releases/3/a', await store.put('releases/3/a', body, 'absent', source));
      }
      for (const key of ['releases/1/a', 'releases/1/b', 'releases/3/a']) await store.delete(key);
      await isRead('releases/2/a', (await other.head('releases/2/a'))?.etag ?? '');
    });
  }

  test(`${kind}: list sorts by UTF-8, and a folder exists as long as it has objects`, async (t) => {
    const { store, other } = await make(t);
    const keys = [
      'latest.json',
      'r/Z',
      'r/a-b',
      'r/a/1',
      'r/b b/2+%3',
      'r/c/d/e/3',
      'r/é',
      'r/\uff5e',
      'r/😀',
    ];
    for (const key of keys.toReversed()) await store.put(key, bytes(key), 'absent');
    const listed = async (prefix: string) => (await other.list(prefix)).map(({ key }) => key);
    assert.deepEqual(await listed(''), keys);
    assert.deepEqual(await listed('r/'), keys.slice(1));
    assert.deepEqual(await listed('r/a/'), ['r/a/1']);
    assert.deepEqual(await listed('latest.json/'), []);
    assert.deepEqual(await other.listFolders(''), ['r']);
    assert.deepEqual(await other.listFolders('r/'), ['a', 'b b', 'c']);
    assert.deepEqual(await other.listFolders('r/a-b/'), []);
    for (const key of keys) assert.equal(await read(other, key), key);
    for (const key of ['r/c/d/e/3', 'r/c/d/e/3', 'r/a']) await store.delete(key);
    assert.deepEqual(await other.listFolders('r/'), ['a', 'b b']);
    assert.equal(await read(other, 'r/a/1'), 'r/a/1');
    assert.equal(await store.get('r/a'), null);
    assert.equal(await store.head('r'), null);
  });

  test(`${kind}: getIfChanged returns an object only if its etag is another one`, async (t) => {
    const { store, other } = await make(t);
    const range = { start: 0, end: 100 };
    assert.equal(await store.getIfChanged('latest.json', ''), null);
    assert.equal(await store.getIfChanged('latest.json', 'abc'), null);
    const etag = await store.put('latest.json', bytes('one'), 'absent');
    for (const part of [undefined, range, { start: 1, end: 1 }]) {
      assert.equal(await other.getIfChanged('latest.json', etag, part), 'unchanged');
      for (const old of ['', 'd41d8cd98f00b204e9800998ecf8427e'])
        assert.deepEqual(
          await other.getIfChanged('latest.json', old, part),
          await store.get('latest.json', part),
        );
    }
    const next = await store.put('latest.json', bytes('two'), { etag });
    assert.deepEqual(await other.getIfChanged('latest.json', etag, range), {
      body: bytes('two'),
      etag: next,
    });
    await store.delete('latest.json');
    assert.equal(await other.getIfChanged('latest.json', next), null);
  });

  test(`${kind}: an invalid key or prefix is rejected before any request`, async (t) => {
    const { store } = await make(t);
    for (const key of ['', '/a', '../a', 'a/../b', '.tmp/a', 'a//b', 'a/', 'a\\b']) {
      const says = /cannot be a stored file's name/;
      await assertRefused(store.get(key), key, says);
      await assertRefused(store.getIfChanged(key, 'etag'), key, says);
      await assertRefused(store.head(key), key, says);
      await assertRefused(store.put(key, bytes('x'), 'anything'), key, says);
      await assertRefused(store.delete(key), key, says);
    }
    for (const [prefix, key] of [
      ['r', 'r'],
      ['/', ''],
      ['../', '..'],
    ] as const) {
      await assertRefused(store.list(prefix), key, /a prefix ends in|cannot be a stored file's name/);
      await assertRefused(store.listFolders(prefix), key, /a prefix ends in|cannot be a stored file's name/);
    }
  });
}
