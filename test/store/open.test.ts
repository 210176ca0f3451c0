import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openStore } from '../../lib/store/open.ts';
import { StoreError } from '../../lib/store/store.ts';
import { emptyFolder, everythingIn } from './places.ts';

test('a path, relative or not, and a file:// address are folders', async (t) => {
  const folder = await emptyFolder(t);
  const places = [join(folder, 'a b'), pathToFileURL(join(folder, 'a b')).href];
  for (const [index, place] of places.entries())
    await openStore(place).put(`${index}`, new Uint8Array(1), 'absent');
  assert.deepEqual(await everythingIn(folder), ['a b', 'a b/.tmp', 'a b/0', 'a b/1']);
  for (const place of ['./out', 'C:\\data', 'C:/data', 's3', 'https'])
    assert.equal(openStore(place).location, place);
});

test('web addresses are read only', () => {
  for (const url of [
    'https://example.org/data',
    'HTTPS://example.org',
    'http://127.0.0.1:8000/',
    'http://localhost/x',
  ]) {
    assert.equal(openStore(url).location, url);
  }
});

const REFUSED: [source: string, says: RegExp][] = [
  ['s3://bucket/prefix', /^s3:\/\/bucket\/prefix: s3:\/\/ is not supported yet: use a folder$/],
  ['S3://bucket', /not supported yet/],
  ['ftp://example.org/x', /ftp:\/\/ is not supported/],
  ['http://example.org/x', /use an https:\/\/ address/],
  ['http://127.evil.org/', /use an https:\/\/ address/],
  ['https://', /use an https:\/\/ address/],
  ['file://elsewhere/x', /not a file:\/\/ address of this machine/],
  ['', /no place given/],
  [' ', /no place given/],
];
for (const [source, says] of REFUSED) {
  test(`no store: ${JSON.stringify(source)}`, () => {
    assert.throws(
      () => openStore(source),
      (error) => error instanceof StoreError && says.test(error.message),
    );
  });
}

test('a password in an address is refused and not repeated', () => {
  for (const url of ['https://me:hunter2@example.org/', 'http://me:hunter2@example.org/']) {
    assert.throws(
      () => openStore(url),
      (error) => error instanceof StoreError && !error.message.includes('hunter2'),
    );
  }
  assert.throws(() => openStore('https://example.org/?token=1'), StoreError);
  assert.throws(() => openStore('https://example.org/#a'), StoreError);
});
