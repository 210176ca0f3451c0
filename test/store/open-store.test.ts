import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { openStore } from '../../lib/store/open-store.ts';
import { parseS3Address } from '../../lib/store/s3/address.ts';
import { StoreError } from '../../lib/store/store.ts';
import { emptyFolder, everythingIn } from './folders-and-workers.ts';

test('openStore opens a path or a file:// URL as a folder', async (t) => {
  const folder = await emptyFolder(t);
  const locations = [join(folder, 'a b'), pathToFileURL(join(folder, 'a b')).href];
  for (const [index, location] of locations.entries())
    await openStore(location).put(`${index}`, new Uint8Array(1), 'absent');
  assert.deepEqual(await everythingIn(folder), ['a b', 'a b/.tmp', 'a b/0', 'a b/1']);
  for (const location of ['./out', 'C:\\data', 'C:/data', 's3', 'https'])
    assert.equal(openStore(location).location, location);
});

test('openStore opens https:// addresses, and http:// addresses of this machine', () => {
  for (const url of [
    'https://example.org/data',
    'HTTPS://example.org',
    'http://127.0.0.1:8000/',
    'http://localhost/x',
  ]) {
    assert.equal(openStore(url).location, url);
  }
});

test('an s3:// location is kept as written, and a bucket rejects invalid keys', async () => {
  for (const location of ['s3://bucket', 's3://bucket/', 'S3://my.bucket-1/a/b', 's3://bucket/a/b/'])
    assert.equal(openStore(location).location, location);
  const store = openStore('s3://bucket/a');
  for (const operation of [
    store.get('../x'),
    store.head('/'),
    store.list('x'),
    store.listFolders('x'),
    store.delete(''),
  ])
    await assert.rejects(operation, StoreError);
  await assert.rejects(store.put('.x', new Uint8Array(), 'anything'), /cannot be a stored file's name/);
});

test('the AWS SDK is loaded when a bucket is used, not when a folder is', async (t) => {
  const folder = await emptyFolder(t);
  const script = `
    import { createRequire } from 'node:module';
    const { openStore } = await import(${JSON.stringify(import.meta.resolve('../../lib/store/open-store.ts'))});
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('@aws-sdk'));
    await openStore(process.argv[1]).put('a', new Uint8Array(1), 'absent');
    const before = loaded();
    await openStore('s3://bucket').get('').catch(() => {});
    console.log(JSON.stringify([before, loaded()]));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    folder,
  ]);
  assert.deepEqual(JSON.parse(stdout), [false, true]);
});

test('parseS3Address returns the bucket and the key prefix', () => {
  const parts: [location: string, bucket: string, keyPrefix: string][] = [
    ['s3://bucket', 'bucket', ''],
    ['s3://bucket/', 'bucket', ''],
    ['s3://bucket/a', 'bucket', 'a/'],
    ['S3://my.bucket-1/a/b c/', 'my.bucket-1', 'a/b c/'],
  ];
  for (const [location, bucket, keyPrefix] of parts)
    assert.deepEqual(parseS3Address(location), { bucket, keyPrefix });
});

const REFUSED: [source: string, says: RegExp][] = [
  [
    's3://',
    /^s3:\/\/: "" is no bucket's name: write s3:\/\/bucket or s3:\/\/bucket\/prefix, the bucket in 3 to 63 /,
  ],
  ['s3:///prefix', /"" is no bucket's name/],
  ['S3://Bucket', /"Bucket" is no bucket's name/],
  ['s3://my_bucket/x', /"my_bucket" is no bucket's name/],
  ['s3://my..bucket', /"my..bucket" is no bucket's name/],
  ['s3://-bucket', /"-bucket" is no bucket's name/],
  ['s3://ab', /"ab" is no bucket's name/],
  [`s3://${'a'.repeat(64)}`, /is no bucket's name/],
  ['s3://bucket/a//b', /^s3:\/\/bucket\/a\/\/b: "a\/\/b" cannot be a prefix/],
  ['s3://bucket//', /"\/" cannot be a prefix/],
  ['s3://bucket/../x', /"\.\.\/x" cannot be a prefix/],
  ['s3://bucket/.hidden', /"\.hidden" cannot be a prefix/],
  ['ftp://example.org/x', /ftp:\/\/ is not supported/],
  ['http://example.org/x', /use an https:\/\/ address/],
  ['http://127.evil.org/', /use an https:\/\/ address/],
  ['https://', /use an https:\/\/ address/],
  ['file://elsewhere/x', /not a file:\/\/ address of this machine/],
  ['', /no place given/],
  [' ', /no place given/],
];
for (const [source, says] of REFUSED) {
  test(`openStore rejects ${JSON.stringify(source)}`, () => {
    assert.throws(
      () => openStore(source),
      (error) => error instanceof StoreError && says.test(error.message),
    );
  });
}

test('openStore rejects an address with a password and does not repeat it', () => {
  for (const url of ['https://me:hunter2@example.org/', 'http://me:hunter2@example.org/']) {
    assert.throws(
      () => openStore(url),
      (error) => error instanceof StoreError && !error.message.includes('hunter2'),
    );
  }
  assert.throws(() => openStore('https://example.org/?token=1'), StoreError);
  assert.throws(() => openStore('https://example.org/#a'), StoreError);
});
