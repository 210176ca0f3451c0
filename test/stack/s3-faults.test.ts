// Faults of networks and busy servers: the S3 store must give the right result each time.
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { type S3Options, s3Store } from '../../lib/store/s3/s3-store.ts';
import { type Precondition, type Store, StoreConflictError, StoreError } from '../../lib/store/store.ts';
import { assertSame } from '../assert-same.ts';
import { bytes, conflict } from '../store/contract.ts';
import { clientConfig, createBucket, sdkClient } from './buckets.ts';
import { type FaultProxy, startFaultProxy } from './start-fault-proxy.ts';
import { startMinistack } from './start-ministack.ts';
import { startVersitygw } from './start-versitygw.ts';

const servers = { ministack: await startMinistack({ after }), versitygw: await startVersitygw({ after }) };

const SLOW = { answer: 503, code: 'SlowDown' };
const CONFLICT = { answer: 409, code: 'ConditionalRequestConflict' };

interface Setup {
  /** The store under test, behind the proxy. */
  readonly store: Store;
  /** Another writer, without the proxy. */
  readonly other: Store;
  readonly proxy: FaultProxy;
}

const read = async (store: Store, key: string) => Buffer.from((await store.get(key))?.body ?? []).toString();

/** Checks that an error is a StoreError with one line, which begins with the location and matches. */
const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreError, String(error));
  assert.match(error.message, /^s3:\/\/bucket-[\d-]+\/p\/\S+: .*[^.]$/);
  assert.match(error.message, message);
  return true;
};

for (const [name, server] of Object.entries(servers)) {
  if (server === null) continue;
  const client = sdkClient(server);

  async function setUp(
    t: TestContext,
    { versions = false, ...options }: S3Options & { versions?: boolean } = {},
  ): Promise<Setup> {
    const location = `s3://${await createBucket(client, { versions })}/p`;
    const proxy = await startFaultProxy(t, server?.endpoint ?? '');
    const other = s3Store(location, { client: clientConfig(server?.endpoint ?? '') });
    return { store: s3Store(location, { client: clientConfig(proxy.endpoint), ...options }), other, proxy };
  }

  test(`${name}: 503 SlowDown is retried, and after the last attempt reported`, async (t) => {
    const { store, other, proxy } = await setUp(t, { maxAttempts: 3 });
    proxy.faults.push(SLOW, SLOW);
    const etag = await store.put('a', bytes('a'), 'absent');
    assert.equal((await other.head('a'))?.etag, etag);
    assert.deepEqual(proxy.methods, ['PUT', 'PUT', 'PUT']);
    proxy.faults.push(SLOW, SLOW, SLOW);
    await assert.rejects(
      store.put('b', bytes('b'), 'absent'),
      refused(/too busy \(503 SlowDown\).*run again later/),
    );
    assert.equal(proxy.methods.length, 6);
    assert.equal(await other.head('b'), null);
    proxy.faults.push(SLOW, SLOW);
    assert.equal(await read(store, 'a'), 'a');
    proxy.faults.push(SLOW);
    assert.equal((await store.list('')).length, 1);
  });

  test(`${name}: 409 ConditionalRequestConflict is retried, and after the last attempt reported`, async (t) => {
    const { store, other, proxy } = await setUp(t);
    proxy.faults.push(CONFLICT, CONFLICT, CONFLICT);
    const etag = await store.put('a', bytes('a'), 'absent');
    assert.equal((await other.head('a'))?.etag, etag);
    proxy.faults.push(CONFLICT);
    await store.put('a', bytes('b'), { etag });
    proxy.faults.push(CONFLICT);
    await assert.rejects(store.put('a', bytes('c'), { etag }), conflict);
    assert.equal(proxy.methods.length, 8);
    proxy.faults.push(...Array(10).fill(CONFLICT));
    await assert.rejects(
      store.put('c', bytes('c'), 'absent'),
      refused(/too busy \(409 ConditionalRequestConflict\)/),
    );
    assert.equal(proxy.methods.length, 18);
    assert.equal(await other.head('c'), null);
  });

  test(`${name}: a write whose response was lost is recognised as our own`, async (t) => {
    const { store, other, proxy } = await setUp(t);
    proxy.faults.push({ drop: 'after' });
    const etag = await store.put('pointer', bytes('1'), 'absent');
    assert.deepEqual(proxy.methods, ['PUT', 'PUT', 'HEAD']);
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

  test(`${name}: a write of another writer is a conflict, also after our write was resent`, async (t) => {
    const { store, other, proxy } = await setUp(t);
    const otherWrite = (key: string, text: string, expect: Precondition) => () =>
      other.put(key, bytes(text), expect);
    proxy.faults.push({ drop: 'before', meanwhile: otherWrite('claim', 'theirs', 'absent') });
    await assert.rejects(store.put('claim', bytes('mine'), 'absent'), conflict);
    assert.equal(await read(other, 'claim'), 'theirs');
    const etag = await other.put('pointer', bytes('1'), 'absent');
    proxy.faults.push({ drop: 'before', meanwhile: otherWrite('pointer', 'theirs', { etag }) });
    await assert.rejects(store.put('pointer', bytes('mine'), { etag }), conflict);
    assert.equal(await read(other, 'pointer'), 'theirs');
    const now = (await other.head('pointer'))?.etag ?? '';
    proxy.faults.push({ drop: 'after', meanwhile: otherWrite('pointer', 'after mine', 'anything') });
    await assert.rejects(store.put('pointer', bytes('mine'), { etag: now }), conflict);
    assert.equal(await read(other, 'pointer'), 'after mine');
    proxy.faults.push({ drop: 'after', meanwhile: () => other.delete('pointer') });
    await assert.rejects(store.put('pointer', bytes('x'), { etag: now }), StoreConflictError);
    proxy.methods.length = 0;
    await assert.rejects(store.put('claim', bytes('theirs'), 'absent'), conflict);
    assert.deepEqual(
      proxy.methods,
      ['PUT'],
      'the bytes are equal, but our write was sent only once, so it is a conflict',
    );
  });

  test(`${name}: a slow response is awaited until the timeout`, async (t) => {
    const { store, other, proxy } = await setUp(t);
    proxy.faults.push({ wait: 1000 });
    await store.put('a', bytes('a'), 'absent');
    const impatientStore = s3Store(other.location, { client: clientConfig(proxy.endpoint), timeout: 300 });
    proxy.faults.push({ wait: 60_000 });
    await assert.rejects(
      impatientStore.put('b', bytes('b'), 'absent'),
      refused(/no whole answer within 0\.3 s/),
    );
    proxy.faults.push({ wait: 60_000 });
    await assert.rejects(impatientStore.get('a'), refused(/no whole answer within 0\.3 s/));
    await other.put('large', new Uint8Array(200_000), 'absent');
    proxy.faults.push({ cut: 100_000, silent: true });
    await assert.rejects(impatientStore.get('large'), refused(/no whole answer within 0\.3 s/));
  });

  test(`${name}: an interrupted read is repeated, with three attempts at most`, async (t) => {
    const { store, other, proxy } = await setUp(t);
    const body = new Uint8Array(500_000).map((_, index) => index);
    const etag = await other.put('large', body, 'absent');
    proxy.faults.push({ cut: 100_000 }, { cut: 0 });
    assertSame(await store.get('large'), { body, etag });
    proxy.faults.push({ cut: 100_000 });
    assertSame((await store.get('large', { start: 1, end: 300_000 }))?.body, body.slice(1, 300_001));
    proxy.faults.push({ cut: 1 }, { cut: 1 }, { cut: 1 });
    await assert.rejects(store.get('large'), refused(/./));
    assert.equal(proxy.methods.length, 8);
  });

  test(`${name}: a byte changed in transfer is found by the checksum and read again`, async (t) => {
    const { store, other, proxy } = await setUp(t);
    await other.put('a', bytes('0123456789'), 'absent');
    proxy.faults.push({ flip: 5 });
    assert.equal(await read(store, 'a'), '0123456789');
    assert.equal(proxy.methods.length, 2);
    proxy.faults.push({ flip: 0 }, { flip: 1 }, { flip: 9 });
    await assert.rejects(store.get('a'), refused(/checksum mismatch/i));
  });

  test(`${name}: reads, listings and deletions are resent after a dropped connection`, async (t) => {
    const { store, proxy } = await setUp(t);
    await store.put('a/b', bytes('1'), 'absent');
    const drop = { drop: 'before' } as const;
    for (const operation of [
      async () => assert.equal((await store.head('a/b'))?.bytes, 1),
      async () => assert.equal(await read(store, 'a/b'), '1'),
      async () => assert.equal((await store.list('')).length, 1),
      async () => assert.deepEqual(await store.listFolders(''), ['a']),
      () => store.delete('a/b'),
      async () => assert.equal(await store.head('a/b'), null),
    ]) {
      proxy.faults.push(drop);
      await operation();
      assert.equal(proxy.faults.length, 0);
    }
  });

  test(`${name}: an interrupted deletion keeps the newest version and can be repeated`, async (t) => {
    const { store, other, proxy } = await setUp(t, { versions: true });
    for (const text of ['1', '2', '3']) await other.put('a', bytes(text), 'anything');
    proxy.faults.push({ wait: 0 }, { wait: 0 }, { wait: 0 }, { answer: 403, code: 'AccessDenied' });
    await assert.rejects(store.delete('a'), refused(/let the credentials in use do s3:DeleteObjectVersion/));
    assert.deepEqual(proxy.methods, ['GET', 'GET', 'DELETE', 'DELETE']);
    assert.equal(await read(other, 'a'), '3');
    await store.delete('a');
    assert.equal(await other.get('a'), null);
  });
}
