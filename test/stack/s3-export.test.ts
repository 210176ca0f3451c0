// A whole dataset's life in a bucket, through the command line, as it is in a folder.
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
import { clientConfig, newBucket, plainClient } from './buckets.ts';
import { bucketProblems } from './check-bucket.ts';
import { startMinistack } from './start-ministack.ts';

const ministack = await startMinistack({ after });
const client = plainClient(ministack);

test('export, verify, status, download, prune, withdraw and serve work on a bucket', async (t) => {
  const bucket = await newBucket(client, { versions: true });
  const place = `s3://${bucket}/open/data`;
  const store = s3Store(place, { client: clientConfig(ministack.endpoint), visibility: 'public' });
  const cwd = await temporaryFolder(t);
  const run = (...args: string[]) => runInThisProcess(args, { cwd, env: { ...ministack.environment } });

  const none = await run('status', place);
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
  const [old, current] = [first.release ?? '', second.release ?? ''];

  await t.test(
    'S3 keeps for every file the hash that the manifest has, and headers to serve it by',
    async () => {
      const found = await store.get(`releases/${current}/manifest.json`);
      const { files } = readManifest('manifest.json', found?.body ?? new Uint8Array());
      assert.ok(files.length > 20);
      for (const { path, sha256, bytes } of files) {
        const Key = `open/data/releases/${current}/${path}`;
        const facts = await client.send(
          new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }),
        );
        assert.equal(Buffer.from(facts.ChecksumSHA256 ?? '', 'base64').toString('hex'), sha256, path);
        assert.equal(facts.ContentLength, bytes);
        assert.equal(facts.CacheControl, 'public, max-age=31536000, immutable');
      }
    },
  );

  await t.test('it verifies, a changed byte is found, and its status is told', async () => {
    const good = await run('verify', place);
    assert.equal(good.exit, 0, good.stderr);
    const key = `releases/${current}/quality.json`;
    const whole = await store.get(key);
    assert.ok(whole);
    await store.put(key, new Uint8Array([...whole.body, 32]), 'anything');
    const bad = await run('verify', place);
    assert.equal(bad.exit, 1);
    assert.match(bad.stdout + bad.stderr, /quality\.json/);
    await store.put(key, whole.body, 'anything');
    const status = await run('status', place, '--json');
    assert.equal(status.exit, 0, status.stderr);
    assert.ok(status.stdout.includes(current));
  });

  await t.test('a download is the same dataset in a folder', async () => {
    const ran = await run('download', place, '--to', 'copy');
    assert.equal(ran.exit, 0, ran.stderr);
    assert.equal((await run('verify', 'copy')).exit, 0);
    const files = await readFilesBelow(join(cwd, 'copy', 'releases', current));
    assert.ok(files.size > 20);
    for (const [path, body] of files) {
      const key = path.slice(join(cwd, 'copy').length + 1);
      assert.equal(sha(body), sha((await store.get(key))?.body ?? new Uint8Array()), key);
    }
    assert.ok(JSON.parse(await readFile(join(cwd, 'copy', 'latest.json'), 'utf8')).release === current);
  });

  await t.test('it is served with ranges, as its bucket would have it', async (t2) => {
    const served = await serveDataset(store, { port: 0, visibility: 'public' });
    t2.after(() => served.close());
    const key = `releases/${current}/tables/admin1/admin1.parquet`;
    const entry = await store.head(key);
    const answer = await fetch(served.url + key, { headers: { range: 'bytes=-4' } });
    assert.equal(answer.status, 206);
    assert.equal(await answer.text(), 'PAR1');
    assert.equal(answer.headers.get('etag'), `"${entry?.etag}"`);
    assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="admin1.parquet"');
    assert.equal((await fetch(`${served.url}${key}x`)).status, 404);
    const facts = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: `open/data/${key}` }));
    assert.equal(answer.headers.get('content-type'), facts.ContentType);
    assert.equal(answer.headers.get('cache-control'), facts.CacheControl);
  });

  await t.test('what retention lets go is gone in all versions, and the pointer stays public', async () => {
    const ran = await run('prune', place, '--keep-newest', '1', '--keep-monthly', '0', '--apply');
    assert.equal(ran.exit, 0, ran.stderr);
    assert.match(ran.stdout, new RegExp(`release +${old.replace('.', '\\.')}`));
    assert.deepEqual(await versionsBelow(bucket, `open/data/releases/${old}/tables/`), []);
    assert.equal((await run('verify', place)).exit, 0);
  });

  await t.test('a withdrawn release is gone in all versions, and stays on record', async () => {
    const withdraw = ['withdraw', place, current, '--reason', 'counted twice'];
    const ran = await run(...withdraw);
    assert.equal(ran.exit, 0, ran.stderr);
    const left = await versionsBelow(bucket, `open/data/releases/${current}/`);
    assert.deepEqual([...new Set(left)], ['claim.json', 'manifest.json', 'withdrawn.json']);
    const Key = `open/data/releases/${current}/withdrawn.json`;
    const facts = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    assert.equal(
      facts.CacheControl,
      'public, max-age=300',
      'the visibility is the dataset’s, not this machine’s',
    );
    assert.equal((await run(...withdraw)).exit, 0);
  });

  await t.test('a program that shares no code with ours finds the bucket whole', async (t2) => {
    const dataset = { client, bucket, prefix: 'open/data/' };
    assert.deepEqual(await bucketProblems(t2, dataset, { published: [old, current] }), []);
  });
});

test('export goes into a bucket from the command line, and a second one finds nothing changed', async () => {
  const place = `s3://${await newBucket(client)}`;
  const run = async () => {
    const args = ['export', '--sample', '--countries', 'HTI', '--to', place, '--json'];
    const { exit, stdout, stderr } = await runInThisProcess(args, { env: { ...ministack.environment } });
    assert.equal(exit, 0, stderr);
    return JSON.parse(stdout).outcome;
  };
  assert.deepEqual([await run(), await run()], ['published', 'unchanged']);
  const { exit } = await runInThisProcess(['verify', place], { env: { ...ministack.environment } });
  assert.equal(exit, 0);
});

const sha = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

/** The names below a prefix of all versions and delete markers that the bucket still has. */
async function versionsBelow(Bucket: string, Prefix: string): Promise<string[]> {
  const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
  const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
  return all.map(({ Key = '' }) => Key.slice(Prefix.length)).sort();
}
