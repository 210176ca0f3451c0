// What networks and busy servers do to a store, which has to come to the right end each time.
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { type S3Options, s3Store } from '../../lib/store/s3/s3-store.ts';
import { type Precondition, type Store, StoreConflictError, StoreError } from '../../lib/store/store.ts';
import { bytes, conflict } from '../store/contract.ts';
import { clientConfig, newBucket, plainClient } from './buckets.ts';
import { type FaultProxy, startFaultProxy } from './start-fault-proxy.ts';
import { startMinistack } from './start-ministack.ts';
import { startVersitygw } from './start-versitygw.ts';

const servers = { ministack: await startMinistack({ after }), versitygw: await startVersitygw({ after }) };

const SLOW = { answer: 503, code: 'SlowDown' };
const CONFLICT = { answer: 409, code: 'ConditionalRequestConflict' };

interface Setting {
  /** Behind the proxy. */
  readonly store: Store;
  /** Somebody else, who has a better network. */
  readonly other: Store;
  readonly proxy: FaultProxy;
}

const read = async (store: Store, key: string) => Buffer.from((await store.get(key))?.body ?? []).toString();

/** Checks for a StoreError of one line that begins with the place and says this. */
const refused = (says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreError, String(error));
  assert.match(error.message, /^s3:\/\/bucket-[\d-]+\/p\/\S+: .*[^.]$/);
  assert.match(error.message, says);
  return true;
};

for (const [name, server] of Object.entries(servers)) {
  if (server === null) continue;
  const client = plainClient(server);

  async function setting(
    t: TestContext,
    { versions = false, ...options }: S3Options & { versions?: boolean } = {},
  ): Promise<Setting> {
    const place = `s3://${await newBucket(client, { versions })}/p`;
    const proxy = await startFaultProxy(t, server?.endpoint ?? '');
    const other = s3Store(place, { client: clientConfig(server?.endpoint ?? '') });
    return { store: s3Store(place, { client: clientConfig(proxy.endpoint), ...options }), other, proxy };
  }

  test(`${name}: 503 SlowDown is waited for, and after the last try it is said`, async (t) => {
    const { store, other, proxy } = await setting(t, { maxAttempts: 3 });
    proxy.faults.push(SLOW, SLOW);
    const etag = await store.put('a', bytes('a'), 'absent');
    assert.equal((await other.head('a'))?.etag, etag);
    assert.deepEqual(proxy.came, ['PUT', 'PUT', 'PUT']);
    proxy.faults.push(SLOW, SLOW, SLOW);
    await assert.rejects(
      store.put('b', bytes('b'), 'absent'),
      refused(/too busy \(503 SlowDown\).*run again later/),
    );
    assert.equal(proxy.came.length, 6);
    assert.equal(await other.head('b'), null);
    proxy.faults.push(SLOW, SLOW);
    assert.equal(await read(store, 'a'), 'a');
    proxy.faults.push(SLOW);
    assert.equal((await store.list('')).length, 1);
  });

  test(`${name}: 409 is waited for, and after the last try it is said`, async (t) => {
    const { store, other, proxy } = await setting(t);
    proxy.faults.push(CONFLICT, CONFLICT, CONFLICT);
    const etag = await store.put('a', bytes('a'), 'absent');
    assert.equal((await other.head('a'))?.etag, etag);
    proxy.faults.push(CONFLICT);
    await store.put('a', bytes('b'), { etag });
    proxy.faults.push(CONFLICT);
    await assert.rejects(store.put('a', bytes('c'), { etag }), conflict);
    assert.equal(proxy.came.length, 8);
    proxy.faults.push(...Array(10).fill(CONFLICT));
    await assert.rejects(
      store.put('c', bytes('c'), 'absent'),
      refused(/too busy \(409 ConditionalRequestConflict\)/),
    );
    assert.equal(proxy.came.length, 18);
    assert.equal(await other.head('c'), null);
  });

  test(`${name}: a write whose answer was lost finds itself, created or swapped`, async (t) => {
    const { store, other, proxy } = await setting(t);
    proxy.faults.push({ drop: 'after' });
    const etag = await store.put('pointer', bytes('1'), 'absent');
    assert.deepEqual(proxy.came, ['PUT', 'PUT', 'HEAD']);
    assert.equal((await other.head('pointer'))?.etag, etag);
    proxy.faults.push({ drop: 'after' });
    const next = await store.put('pointer', bytes('2'), { etag });
    assert.deepEqual(await other.get('pointer'), { body: bytes('2'), etag: next });
    proxy.faults.push({ drop: 'after' }, CONFLICT);
    await store.put('pointer', bytes('3'), { etag: next });
    assert.equal(await read(other, 'pointer'), '3');
    proxy.faults.push({ drop: 'after' });
    await store.put('pointer', bytes('4'), 'anything');
    assert.equal(await read(other, 'pointer'), '4');
  });

  test(`${name}: somebody else's write is a conflict, however often the own one was sent`, async (t) => {
    const { store, other, proxy } = await setting(t);
    const theirs = (key: string, text: string, expect: Precondition) => () =>
      other.put(key, bytes(text), expect);
    proxy.faults.push({ drop: 'before', meanwhile: theirs('claim', 'theirs', 'absent') });
    await assert.rejects(store.put('claim', bytes('mine'), 'absent'), conflict);
    assert.equal(await read(other, 'claim'), 'theirs');
    const etag = await other.put('pointer', bytes('1'), 'absent');
    proxy.faults.push({ drop: 'before', meanwhile: theirs('pointer', 'theirs', { etag }) });
    await assert.rejects(store.put('pointer', bytes('mine'), { etag }), conflict);
    assert.equal(await read(other, 'pointer'), 'theirs');
    const now = (await other.head('pointer'))?.etag ?? '';
    proxy.faults.push({ drop: 'after', meanwhile: theirs('pointer', 'after mine', 'anything') });
    await assert.rejects(store.put('pointer', bytes('mine'), { etag: now }), conflict);
    assert.equal(await read(other, 'pointer'), 'after mine');
    proxy.faults.push({ drop: 'after', meanwhile: () => other.delete('pointer') });
    await assert.rejects(store.put('pointer', bytes('x'), { etag: now }), StoreConflictError);
    proxy.came.length = 0;
    await assert.rejects(store.put('claim', bytes('theirs'), 'absent'), conflict);
    assert.deepEqual(proxy.came, ['PUT'], 'the same bytes, but it was sent once: not the own write');
  });

  test(`${name}: what is slow is waited for, until the time is up`, async (t) => {
    const { store, other, proxy } = await setting(t);
    proxy.faults.push({ wait: 1000 });
    await store.put('a', bytes('a'), 'absent');
    const hasty = s3Store(other.location, { client: clientConfig(proxy.endpoint), timeout: 300 });
    proxy.faults.push({ wait: 60_000 });
    await assert.rejects(hasty.put('b', bytes('b'), 'absent'), refused(/no whole answer within 0\.3 s/));
    proxy.faults.push({ wait: 60_000 });
    await assert.rejects(hasty.get('a'), refused(/no whole answer within 0\.3 s/));
    await other.put('large', new Uint8Array(200_000), 'absent');
    proxy.faults.push({ cut: 100_000, silent: true });
    await assert.rejects(hasty.get('large'), refused(/no whole answer within 0\.3 s/));
  });

  test(`${name}: an object whose bytes stop coming is asked for again, three times at most`, async (t) => {
    const { store, other, proxy } = await setting(t);
    const body = new Uint8Array(500_000).map((_, index) => index);
    const etag = await other.put('large', body, 'absent');
    proxy.faults.push({ cut: 100_000 }, { cut: 0 });
    assert.deepEqual(await store.get('large'), { body, etag });
    proxy.faults.push({ cut: 100_000 });
    assert.deepEqual((await store.get('large', { start: 1, end: 300_000 }))?.body, body.slice(1, 300_001));
    proxy.faults.push({ cut: 1 }, { cut: 1 }, { cut: 1 });
    await assert.rejects(store.get('large'), refused(/./));
    assert.equal(proxy.came.length, 8);
  });

  test(`${name}: a byte that changes on the way is noticed by the checksum`, async (t) => {
    const { store, other, proxy } = await setting(t);
    await other.put('a', bytes('0123456789'), 'absent');
    proxy.faults.push({ flip: 5 });
    assert.equal(await read(store, 'a'), '0123456789');
    assert.equal(proxy.came.length, 2);
    proxy.faults.push({ flip: 0 }, { flip: 1 }, { flip: 9 });
    await assert.rejects(store.get('a'), refused(/checksum mismatch/i));
  });

  test(`${name}: reading, listing and deleting are sent again when the connection drops`, async (t) => {
    const { store, proxy } = await setting(t);
    await store.put('a/b', bytes('1'), 'absent');
    const drop = { drop: 'before' } as const;
    for (const ask of [
      async () => assert.equal((await store.head('a/b'))?.bytes, 1),
      async () => assert.equal(await read(store, 'a/b'), '1'),
      async () => assert.equal((await store.list('')).length, 1),
      async () => assert.deepEqual(await store.listFolders(''), ['a']),
      () => store.delete('a/b'),
      async () => assert.equal(await store.head('a/b'), null),
    ]) {
      proxy.faults.push(drop);
      await ask();
      assert.equal(proxy.faults.length, 0);
    }
  });

  test(`${name}: a deletion that breaks off leaves the object as it was, and can be done again`, async (t) => {
    const { store, other, proxy } = await setting(t, { versions: true });
    for (const text of ['1', '2', '3']) await other.put('a', bytes(text), 'anything');
    proxy.faults.push({ wait: 0 }, { wait: 0 }, { wait: 0 }, { answer: 403, code: 'AccessDenied' });
    await assert.rejects(store.delete('a'), refused(/let the credentials in use do s3:DeleteObjectVersion/));
    assert.deepEqual(proxy.came, ['GET', 'GET', 'DELETE', 'DELETE']);
    assert.equal(await read(other, 'a'), '3');
    await store.delete('a');
    assert.equal(await other.get('a'), null);
  });
}
