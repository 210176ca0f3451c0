// Withdrawn and pruned figures leave the shared caches in front of a public dataset: at once with an invalidation, and
// within a day without.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { serveDataset } from '../../lib/read/serve.ts';
import { releasePaths } from '../../lib/retire/edge.ts';
import { runInThisProcess } from '../setting.ts';
import { publishDataset } from '../stores.ts';
import { type Cache, DISTRIBUTION, startCache } from './start-cache.ts';

interface Edge {
  readonly cache: Cache;
  readonly folder: string;
  readonly first: string;
  readonly second: string;
  /** Paths of the second release: a data file, and the chart of its country. */
  readonly figures: readonly string[];
}

const data = (release: string): string => `/releases/${release}/tables/admin0/admin0.parquet`;

/** A dataset of two releases as its public bucket serves it, behind a cache that has its figures. */
async function startEdge(t: TestContext): Promise<Edge> {
  const { folder, store, releases } = await publishDataset(t, 2);
  const served = await serveDataset(store, { port: 0, visibility: 'public' });
  t.after(() => served.close());
  const cache = await startCache(t, served.url);
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const [picture = ''] = /assets\/picture-TCD-\w+\.js/.exec(page) ?? [];
  const [first = '', second = ''] = releases;
  const figures = [data(second), `/${picture}`];
  assert.deepEqual(await statuses(cache, [data(first), ...figures]), [200, 200, 200]);
  return { cache, folder, first, second, figures };
}

const statuses = (cache: Cache, paths: readonly string[]): Promise<number[]> =>
  Promise.all(paths.map(async (path) => (await fetch(`${cache.url}${path}`)).status));

const withdraw = ({ folder, second, cache }: Edge, env: Record<string, string> = { ...cache.environment }) =>
  runInThisProcess(['withdraw', folder, second, '--reason', 'counted twice'], { env });

test('withdraw empties the caches of the release and of its charts, and of nothing else', async (t) => {
  const edge = await startEdge(t);
  const { cache, figures, first } = edge;
  const { exit, stderr } = await withdraw(edge);
  assert.deepEqual([exit, stderr], [0, '']);
  assert.deepEqual(cache.invalidations, [[`/releases/${edge.second}/*`], ['/assets/picture-*']]);
  assert.deepEqual(await statuses(cache, figures), [404, 404]);
  // The cache still has the first release: it answers although the origin has lost it.
  await runInThisProcess(['withdraw', edge.folder, first, '--reason', 'also wrong']);
  assert.deepEqual(await statuses(cache, [data(first)]), [200]);
});

test('without an invalidation the caches keep withdrawn figures for a day at most', async (t) => {
  const edge = await startEdge(t);
  assert.equal((await withdraw(edge, {})).exit, 0);
  assert.deepEqual(await statuses(edge.cache, edge.figures), [200, 200]);
  edge.cache.wait(24 * 60 * 60 + 1);
  assert.deepEqual(await statuses(edge.cache, edge.figures), [404, 404]);
});

test('a refused invalidation is left to finish, and the same withdrawal repeats it', async (t) => {
  const edge = await startEdge(t);
  const { cache, figures } = edge;
  cache.refuse(true);
  const refused = await withdraw(edge);
  assert.equal(refused.exit, 3);
  assert.match(refused.stdout, /^Withdrew release/);
  const [line = ''] = refused.stderr.split('\n');
  assert.ok(
    line.startsWith(`dtm-exporter: left to finish: caches: the distribution ${DISTRIBUTION} could not`),
  );
  assert.match(
    line,
    /\(AccessDenied: by the test\); it keeps them for a day at most; run the same command again$/,
  );
  assert.deepEqual(await statuses(cache, figures), [200, 200]);
  cache.refuse(false);
  assert.equal((await withdraw(edge)).exit, 0);
  assert.deepEqual(await statuses(cache, figures), [404, 404]);
  // Equal references would be one order for CloudFront, and the repetition none.
  assert.equal(new Set(cache.references).size, cache.references.length);
});

test('prune empties the caches of the releases that it removes, and repeats a refused invalidation', async (t) => {
  const { cache, folder, first, second } = await startEdge(t);
  const args = ['prune', folder, '--keep-newest', '1', '--keep-monthly', '0', '--apply', '--json'];
  const prune = async () => {
    const { exit, stdout } = await runInThisProcess(args, { env: cache.environment });
    return { exit, ...JSON.parse(stdout) };
  };
  cache.refuse(true);
  const refused = await prune();
  assert.equal(refused.exit, 3);
  assert.match(refused.unfinished[0], /^caches: .*AccessDenied/);
  // The checksums stay until the caches are empty, so that the next prune finds the release again.
  const left = (await readdir(join(folder, 'releases', first))).sort();
  assert.deepEqual(left, ['SHA256SUMS', 'claim.json', 'manifest.json']);
  assert.deepEqual(await statuses(cache, [data(first)]), [200]);
  cache.refuse(false);
  const { exit, releases, unfinished } = await prune();
  assert.deepEqual([exit, releases.length, unfinished], [0, 1, []]);
  assert.deepEqual(cache.invalidations, [[`/releases/${first}/*`]]);
  assert.deepEqual(await statuses(cache, [data(first), data(second)]), [404, 200]);
  assert.deepEqual((await prune()).releases, []);
  assert.equal(cache.invalidations.length, 1);
});

test('many releases are one path, because CloudFront takes 15 paths with a * at once', () => {
  const ids = Array.from({ length: 11 }, (_, at) => `2026-11-24.${at + 1}`);
  assert.deepEqual(releasePaths(ids), ['/releases/*']);
  assert.deepEqual(releasePaths(ids.slice(0, 2)), ['/releases/2026-11-24.1/*', '/releases/2026-11-24.2/*']);
});
