// All commands on a dataset in a bucket, through the command line.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HeadObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { serveDataset } from '../../lib/read/serve.ts';
import { readManifest } from '../../lib/release/manifest.ts';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import { exportInto, readFilesBelow, runInThisProcess, simulator, temporaryFolder } from '../setting.ts';
import { clientConfig, createBucket, sdkClient } from './buckets.ts';
import { checkBucket } from './check-bucket.ts';
import { startMinistack } from './start-ministack.ts';

const ministack = await startMinistack({ after });
const client = sdkClient(ministack);

test('export, verify, status, download, prune, withdraw and serve work on a bucket', async (t) => {
  const bucket = await createBucket(client, { versions: true });
  const location = `s3://${bucket}/open/data`;
  const store = s3Store(location, { client: clientConfig(ministack.endpoint), visibility: 'public' });
  const cwd = await temporaryFolder(t);
  const run = (...args: string[]) => runInThisProcess(args, { cwd, env: { ...ministack.environment } });

  const none = await run('status', location);
  assert.equal(none.exit, 2, none.stderr);
  assert.match(none.stderr, /no release is published here/);

  const terms = { licence: 'CC-BY-4.0', visibility: 'public', contact: null } as const;
  const publish = async (seed: number, id: string) => {
    const { url } = await simulator(t, { seed });
    const options = { acceptDrop: true };
    return exportInto({ folder: '', url, store, run: id, context: { terms }, options });
  };
  const first = await publish(1, '2026-11-24T05-00-00Z');
  const unchanged = await publish(1, '2026-11-24T06-00-00Z');
  const second = await publish(2, '2026-11-24T07-00-00Z');
  assert.deepEqual(
    [first.outcome, unchanged.outcome, second.outcome],
    ['published', 'unchanged', 'published'],
  );
  const [oldRelease, currentRelease] = [first.release ?? '', second.release ?? ''];

  await t.test('S3 has every file with the SHA-256 of the manifest and with its HTTP headers', async () => {
    const found = await store.get(`releases/${currentRelease}/manifest.json`);
    const { files } = readManifest('manifest.json', found?.body ?? new Uint8Array());
    assert.ok(files.length > 20);
    for (const { path, sha256, bytes } of files) {
      const Key = `open/data/releases/${currentRelease}/${path}`;
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }));
      assert.equal(Buffer.from(head.ChecksumSHA256 ?? '', 'base64').toString('hex'), sha256, path);
      assert.equal(head.ContentLength, bytes);
      assert.equal(head.CacheControl, 'public, max-age=31536000, s-maxage=86400, immutable');
    }
  });

  await t.test('verify accepts the bucket and finds a changed byte; status names the release', async () => {
    const good = await run('verify', location);
    assert.equal(good.exit, 0, good.stderr);
    const key = `releases/${currentRelease}/quality.json`;
    const whole = await store.get(key);
    assert.ok(whole);
    await store.put(key, new Uint8Array([...whole.body, 32]), 'anything');
    const bad = await run('verify', location);
    assert.equal(bad.exit, 1);
    assert.match(bad.stdout + bad.stderr, /quality\.json/);
    await store.put(key, whole.body, 'anything');
    const status = await run('status', location, '--json');
    assert.equal(status.exit, 0, status.stderr);
    assert.ok(status.stdout.includes(currentRelease));
  });

  await t.test('download copies the same files into a folder', async () => {
    const result = await run('download', location, '--to', 'copy');
    assert.equal(result.exit, 0, result.stderr);
    assert.equal((await run('verify', 'copy')).exit, 0);
    const files = await readFilesBelow(join(cwd, 'copy', 'releases', currentRelease));
    assert.ok(files.size > 20);
    for (const [path, body] of files) {
      const key = path.slice(join(cwd, 'copy').length + 1);
      assert.equal(sha(body), sha((await store.get(key))?.body ?? new Uint8Array()), key);
    }
    assert.ok(
      JSON.parse(await readFile(join(cwd, 'copy', 'latest.json'), 'utf8')).release === currentRelease,
    );
  });

  await t.test('serve sends ranges of the bucket with the same headers as S3', async (subtest) => {
    const server = await serveDataset(store, { port: 0, visibility: 'public' });
    subtest.after(() => server.close());
    const key = `releases/${currentRelease}/tables/admin1/admin1.parquet`;
    const entry = await store.head(key);
    const response = await fetch(server.url + key, { headers: { range: 'bytes=-4' } });
    assert.equal(response.status, 206);
    assert.equal(await response.text(), 'PAR1');
    assert.equal(response.headers.get('etag'), `"${entry?.etag}"`);
    assert.equal(response.headers.get('content-disposition'), 'attachment; filename="admin1.parquet"');
    assert.equal((await fetch(`${server.url}${key}x`)).status, 404);
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: `open/data/${key}` }));
    assert.equal(response.headers.get('content-type'), head.ContentType);
    assert.equal(response.headers.get('cache-control'), head.CacheControl);
  });

  await t.test('prune removes all versions of an old release, and the dataset stays whole', async () => {
    const result = await run('prune', location, '--keep-newest', '1', '--keep-monthly', '0', '--apply');
    assert.equal(result.exit, 0, result.stderr);
    assert.match(result.stdout, new RegExp(`release +${oldRelease.replace('.', '\\.')}`));
    assert.deepEqual(await versionsBelow(bucket, `open/data/releases/${oldRelease}/tables/`), []);
    assert.equal((await run('verify', location)).exit, 0);
  });

  await t.test('withdraw removes all versions of the data and keeps the record', async () => {
    const withdraw = ['withdraw', location, currentRelease, '--reason', 'counted twice'];
    const result = await run(...withdraw);
    assert.equal(result.exit, 0, result.stderr);
    const remaining = await versionsBelow(bucket, `open/data/releases/${currentRelease}/`);
    assert.deepEqual([...new Set(remaining)], ['claim.json', 'manifest.json', 'withdrawn.json']);
    const Key = `open/data/releases/${currentRelease}/withdrawn.json`;
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    assert.equal(
      head.CacheControl,
      'public, max-age=300',
      'the visibility is that of the dataset, not of this machine',
    );
    assert.equal((await run(...withdraw)).exit, 0);
  });

  await t.test(
    'the independent checker finds no problem in the bucket after all commands',
    async (subtest) => {
      const dataset = { client, bucket, prefix: 'open/data/' };
      assert.deepEqual(await checkBucket(subtest, dataset, { published: [oldRelease, currentRelease] }), []);
    },
  );
});

test('export --sample into a bucket publishes, and a second one is unchanged', async () => {
  const location = `s3://${await createBucket(client)}`;
  const run = async () => {
    const args = ['export', '--sample', '--countries', 'HTI', '--to', location, '--json'];
    const { exit, stdout, stderr } = await runInThisProcess(args, { env: { ...ministack.environment } });
    assert.equal(exit, 0, stderr);
    return JSON.parse(stdout).outcome;
  };
  assert.deepEqual([await run(), await run()], ['published', 'unchanged']);
  const { exit } = await runInThisProcess(['verify', location], { env: { ...ministack.environment } });
  assert.equal(exit, 0);
});

const sha = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

/** Keys of all versions and delete markers below a prefix, without the prefix. */
async function versionsBelow(Bucket: string, Prefix: string): Promise<string[]> {
  const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
  const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
  return all.map(({ Key = '' }) => Key.slice(Prefix.length)).sort();
}
