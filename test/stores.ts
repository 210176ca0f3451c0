// Stores that fail or let another writer come first, and small datasets for tests.
import { cp } from 'node:fs/promises';
import { relative } from 'node:path';
import type { TestContext } from 'node:test';
import { movePointer, pointerTo, readCurrent } from '../lib/catalogue/pointer.ts';
import { addToList } from '../lib/catalogue/release-list.ts';
import type { DownloadOptions } from '../lib/read/download.ts';
import { jsonBytes, sha256 } from '../lib/release/digest.ts';
import type { Manifest } from '../lib/release/manifest.ts';
import { folderStore } from '../lib/store/folder/folder-store.ts';
import { type Store, StoreError } from '../lib/store/store.ts';
import { TABLES } from '../lib/table/schema.ts';
import { exportInto, readFilesBelow, simulator, temporaryFolder } from './setting.ts';

/** A store whose `at`-th write or deletion fails, before or after its effect. All later ones fail, too. */
export function failingStore(
  store: Store,
  at: number,
  when: 'before' | 'after',
): Store & { changes: () => number } {
  let changes = 0;
  const change = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    changes++;
    const number = changes;
    if (number > at || (number === at && when === 'before')) throw new StoreError(key, 'broken on purpose');
    const result = await work();
    if (number === at) throw new StoreError(key, 'broken on purpose');
    return result;
  };
  return {
    ...store,
    put: (key, ...rest) => change(key, () => store.put(key, ...rest)),
    delete: (key) => change(key, () => store.delete(key)),
    changes: () => changes,
  };
}

/** A store that runs `other` once, just before this key is written for the first time. */
export function racingStore(store: Store, key: string, other: () => Promise<unknown>): Store {
  let isFirst = true;
  const put: Store['put'] = async (writtenKey, ...rest) => {
    if (writtenKey === key && isFirst) {
      isFirst = false;
      await other();
    }
    return store.put(writtenKey, ...rest);
  };
  return { ...store, put };
}

export interface Dataset {
  readonly folder: string;
  readonly store: Store;
  /** Oldest first; the last is the current one. */
  readonly releases: readonly string[];
  readonly url: string;
  /** Copies the dataset into another folder. */
  readonly copy: () => Promise<{ folder: string; store: Store }>;
}

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'];

/** Publishes `count` releases of one level of one country. Each has another changed row. */
export async function publishDataset(t: TestContext, count: 1 | 2 | 3): Promise<Dataset> {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const releases: string[] = [];
  for (const [index, run] of RUNS.slice(0, count).entries()) {
    world.setFaults(Array.from({ length: index }, () => 'changed@TCD'));
    const options = { ...ONE_UNIT, reissue: true };
    const outcome = await exportInto({ folder, url: world.url, run, options });
    releases.push(outcome.release as string);
  }
  const copy = async () => {
    const other = await temporaryFolder(t);
    await cp(folder, other, { recursive: true });
    return { folder: other, store: folderStore(other) };
  };
  return { folder, store: folderStore(folder), releases, url: world.url, copy };
}

/** One level of one country. */
export const ONE_UNIT = {
  selection: { apiVersion: 'v3', levels: [0], countries: ['TCD'] },
} as const;

/** A manifest without tables, units and files. */
export const emptyManifest = (release: string, supersedes: string | null): Manifest => ({
  manifest_version: 1,
  dataset: 'dtm-idp',
  api_version: 'v3',
  synthetic: true,
  visibility: 'private',
  release,
  run: '2026-11-24T05-00-00Z',
  status: 'complete',
  created_at: `${release.slice(0, 10)}T05:00:00.000Z`,
  supersedes,
  schema_version: '1.0.0',
  schema_sha256: '0'.repeat(64),
  format_version: 1,
  content_sha256: Object.fromEntries([...TABLES, 'all'].map((table) => [table, '0'.repeat(64)])),
  source: { url: 'dtm-exporter:sample', requested_from: null, requested_to: null },
  coverage: { units: [] },
  tables: [],
  files: [],
  changes: null,
  quality: { passed: 0, failed: [] },
  licence: 'none',
  credit: 'none',
  citation: 'none',
  contact: null,
  generator: { name: 'dtm-exporter', version: '0.0.0', reading: null },
});

/** The files of each release of `publishBareReleases`. */
export const BARE_FILES = ['claim.json', 'changes/admin0.parquet', 'csv/admin0.csv.gz', 'manifest.json'];

/** Publishes releases with these ids, each on top of the one before. Their few files hold placeholders. */
export async function publishBareReleases(store: Store, ids: readonly string[]): Promise<void> {
  for (const release of ids) {
    const current = await readCurrent(store);
    const manifest = emptyManifest(release, current.pointer?.release ?? null);
    const { run, created_at, supersedes, generator } = manifest;
    const claim = jsonBytes({ run, created_at, supersedes, generator });
    const bodies = [claim, Buffer.from('changes'), Buffer.from('data'), jsonBytes(manifest)];
    for (const [index, path] of BARE_FILES.entries())
      await store.put(`releases/${release}/${path}`, bodies[index] as Uint8Array, 'absent');
    const pointer = pointerTo(manifest, jsonBytes(manifest), new Date(created_at));
    await movePointer(store, current, pointer);
    await addToList(store, manifest, pointer);
  }
}

/** Options to download the whole current release. */
export const DOWNLOAD_ALL: DownloadOptions = {
  release: null,
  tables: null,
  countries: null,
  formats: null,
  concurrency: 4,
  now: new Date('2026-12-01T08:00:00.000Z'),
  onProgress: () => {},
};

/** SHA-256 of a folder's files, by path, without the hidden files of the store. */
export async function hashFiles(folder: string): Promise<Map<string, string>> {
  const files = [...(await readFilesBelow(folder))].map(
    ([path, body]) => [relative(folder, path), sha256(body)] as const,
  );
  return new Map(files.filter(([path]) => !path.startsWith('.')));
}
