// Runs the tests that all stores must pass against the S3 store, with two S3 servers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import { bytes, storeContract } from '../store/contract.ts';
import { clientConfig, createBucket, sdkClient } from './buckets.ts';
import { startMinistack } from './start-ministack.ts';
import { startVersitygw } from './start-versitygw.ts';

const servers = { ministack: await startMinistack({ after }), versitygw: await startVersitygw({ after }) };

for (const [name, server] of Object.entries(servers)) {
  if (server === null) continue;
  const client = sdkClient(server);
  const options = { client: clientConfig(server.endpoint) };
  for (const versions of [false, true]) {
    storeContract(`${name}${versions ? ' with versions' : ''}`, async () => {
      const location = `s3://${await createBucket(client, { versions })}/some/prefix`;
      return { store: s3Store(location, options), other: s3Store(`${location}/`, options) };
    });
  }

  test(`${name}: stores with and without a prefix see the same objects`, async () => {
    const bucket = await createBucket(client);
    const bucketStore = s3Store(`s3://${bucket}`, options);
    await s3Store(`s3://${bucket}/a/b`, options).put('c', bytes('c'), 'absent');
    assert.deepEqual(
      (await bucketStore.list('')).map(({ key }) => key),
      ['a/b/c'],
    );
    assert.deepEqual(await s3Store(`s3://${bucket}/a`, options).listFolders(''), ['b']);
    assert.deepEqual(await s3Store(`s3://${bucket}/a/`, options).listFolders('b/'), []);
  });

  test(`${name}: put stores the SHA-256 and the HTTP headers of every object`, async () => {
    const bucket = await createBucket(client);
    const store = s3Store(`s3://${bucket}/data`, { ...options, visibility: 'public' });
    const large = new Uint8Array(20_000_000).map((_, index) => index >> 8);
    const key = 'releases/2026-11-24.1/csv/admin0.csv.gz';
    const bodies = { [key]: large, 'latest.json': bytes('{}'), 'empty.txt': new Uint8Array() };
    for (const [key, body] of Object.entries(bodies)) {
      await store.put(key, body, 'absent');
      const head = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: `data/${key}`, ChecksumMode: 'ENABLED' }),
      );
      assert.equal(head.ChecksumSHA256, createHash('sha256').update(body).digest('base64'), key);
      assert.equal(head.ContentLength, body.length);
    }
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: `data/${key}` }));
    assert.equal(head.ContentType, 'application/gzip');
    assert.equal(head.CacheControl, 'public, max-age=31536000, s-maxage=86400, immutable');
    assert.equal(head.ContentDisposition, 'attachment; filename="admin0.csv.gz"');
    assert.equal(head.ContentEncoding, undefined);
    const latest = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'data/latest.json' }));
    assert.equal(latest.CacheControl, 'public, no-cache');
    assert.equal(latest.ContentDisposition, undefined);
  });

  test(`${name}: delete removes all versions of a key, but no key with the same beginning`, async () => {
    const bucket = await createBucket(client, { versions: true });
    const store = s3Store(`s3://${bucket}`, options);
    for (const key of ['a', 'a.json', 'ab/c']) {
      let etag = await store.put(key, bytes('1'), 'absent');
      etag = await store.put(key, bytes('2'), { etag });
      await store.put(key, bytes('3'), { etag });
    }
    await store.delete('a');
    await store.delete('a');
    const remaining = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const keys = (remaining.Versions ?? []).map(({ Key }) => Key).sort();
    assert.deepEqual(keys, ['a.json', 'a.json', 'a.json', 'ab/c', 'ab/c', 'ab/c']);
    assert.deepEqual(remaining.DeleteMarkers ?? [], []);
    assert.equal(await store.get('a'), null);
    await store.put('a', bytes('again'), 'absent');
  });

  test(`${name}: listings of several pages are complete, sorted, and without hidden names`, async () => {
    const bucket = await createBucket(client);
    const store = s3Store(`s3://${bucket}/p`, options);
    const names = Array.from({ length: 2100 }, (_, index) => `f/${String(index).padStart(4, '0')}/x`);
    for (let at = 0; at < names.length; at += 100)
      await Promise.all(names.slice(at, at + 100).map((key) => store.put(key, bytes('x'), 'absent')));
    for (const Key of ['p/f/.git/config', 'p/f/0001/.DS_Store', 'p/folder/'])
      await client.send(new PutObjectCommand({ Bucket: bucket, Key }));
    assert.deepEqual(
      (await store.list('f/')).map(({ key }) => key),
      names,
    );
    assert.deepEqual(
      await store.listFolders('f/'),
      names.map((key) => key.split('/')[1]),
    );
    assert.equal((await store.list('')).length, names.length);
  });
}
