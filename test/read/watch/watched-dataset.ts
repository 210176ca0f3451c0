// A dataset that is watched, with tiny releases, and a watcher whose command writes down what it gets.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { movePointer, pointerTo, readCurrent } from '../../../lib/catalogue/pointer.ts';
import { addToList, readReleases, updateReleaseEntry } from '../../../lib/catalogue/release-list.ts';
import {
  type Attempt,
  type Turn,
  type TurnOptions,
  takeTurn,
  type Watcher,
} from '../../../lib/read/watch/turn.ts';
import { jsonBytes } from '../../../lib/release/digest.ts';
import type { Manifest } from '../../../lib/release/manifest.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import type { Store } from '../../../lib/store/store.ts';
import { skipSchemaCheck, temporaryFolder } from '../../setting.ts';
import { emptyManifest } from '../../stores.ts';

/** The countries that have files in every release. */
export const COUNTRIES = ['AFG', 'HTI', 'TCD'];

const fileOf = (country: string): Manifest['files'][number] => ({
  path: `csv/admin0/country=${country}/admin0-${country}.csv.gz`,
  ...{ table: 'admin0', country, format: 'csv', rows: 1, bytes: 1, sha256: '0'.repeat(64) },
});

/** Publishes a release on top of the current one. `changed` null: what changed is not known. */
export async function publish(store: Store, changed: readonly string[] | null): Promise<string> {
  const before = await readCurrent(store);
  const release = `2026-11-24.${(await readReleases(store)).length + 1}`;
  const changes = changed && { added: 1, removed: 0, changed: 0, relabelled: 0, countries: [...changed] };
  const supersedes = before.pointer?.release ?? null;
  const manifest = { ...emptyManifest(release, supersedes), files: COUNTRIES.map(fileOf), changes };
  await store.put(`releases/${release}/manifest.json`, jsonBytes(manifest), 'absent');
  const pointer = pointerTo(manifest, jsonBytes(manifest), new Date(manifest.created_at));
  await movePointer(store, before, pointer);
  await addToList(store, manifest, pointer);
  return release;
}

/** Withdraws the current release in the order of `withdraw`: record, list, pointer. */
export async function withdrawCurrent(store: Store): Promise<string> {
  const before = await readCurrent(store);
  const release = before.pointer?.release as string;
  const withdrawn = { reason: 'wrong', date: '2026-11-25T00:00:00.000Z' };
  await store.put(`releases/${release}/withdrawn.json`, jsonBytes(withdrawn), 'absent');
  await updateReleaseEntry(store, release, (entry) => ({ ...entry, status: 'withdrawn', withdrawn }));
  const left = (await readReleases(store)).find(({ status }) => status === 'published');
  const found = left && (await store.get(left.manifest));
  const empty = { release: null, manifest: null, manifest_sha256: null, rows: {} };
  const next = found
    ? pointerTo(JSON.parse(String(Buffer.from(found.body))), found.body, new Date('2026-11-24T05:00:00.000Z'))
    : { ...empty, published_at: '2026-11-25T00:00:00.000Z', schema_version: '1.0.0' };
  await movePointer(store, before, next);
  return release;
}

/** A command that got these variables. */
export type Got = Readonly<Record<string, string>>;

export interface WatchSetting {
  readonly folder: string;
  readonly store: Store;
  readonly watcher: Watcher;
  /** Takes a turn and returns it with what the command got, if it ran. `status` is the command's exit status. */
  readonly look: (options?: {
    status?: number;
    watcher?: Partial<Watcher>;
  }) => Promise<{ turn: Turn; got: Got | null }>;
}

/** Makes an empty dataset and its watcher. */
export async function watchSetting(t: TestContext): Promise<WatchSetting> {
  const [folder, scratch] = [skipSchemaCheck(await temporaryFolder(t)), await temporaryFolder(t)];
  const store = folderStore(folder);
  const file = join(scratch, 'got');
  const watcher: Watcher = {
    ...{ store, source: folder, countries: null, statePath: join(scratch, 'state.json') },
    command: { line: '', env: { PATH: process.env.PATH, FILE: file } },
  };
  const look: WatchSetting['look'] = async ({ status = 0, watcher: other } = {}) => {
    await writeFile(file, '');
    const command = { ...watcher.command, line: `env | grep ^DTM_ > "$FILE"; exit ${status}` };
    const turn = await takeTurn({ ...watcher, command, ...other }, turnOptions());
    const lines = String(await readFile(file))
      .split('\n')
      .filter(Boolean);
    const got = lines.map((line) => [line.slice(4, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    return { turn, got: got.length === 0 ? null : Object.fromEntries(got) };
  };
  return { folder, store, watcher, look };
}

export const turnOptions = (signal: AbortSignal = new AbortController().signal): TurnOptions => ({
  signal,
  onStart: (_: Attempt): void => {},
});
