// What a new release is held against: the largest that each table and each unit was in the recent releases, so that many
// small losses are one large loss. A release whose loss was accepted is where looking back ends.
import pMap from 'p-map';
import { array, type Infer, integer, string, type } from 'superstruct';
import { type Baseline, isGuard, type Most } from '../build/quality/guards.ts';
import { MANIFEST, releaseKey } from '../release/layout.ts';
import { isSameMajor, type Manifest, readShape, unlessDamaged } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { readableList } from './release-list.ts';

/** So many releases count as recent, the current one included. */
const RECENT = 30;

/** Manifests being read at once. */
const READ_AT_ONCE = 8;

/** What of a manifest counts here: checking all of it takes twenty times as long. */
const past = type({
  release: string(),
  schema_version: string(),
  coverage: type({ units: array(type({ level: integer(), country: string(), rows: integer() })) }),
  tables: array(type({ name: string(), rows: integer() })),
  quality: type({ failed: array(string()) }),
});
export type PastRelease = Infer<typeof past>;

/** The largest of some releases, newest first, back to the last one whose loss was accepted. */
export function baselineOf(releases: readonly PastRelease[]): Baseline {
  const accepted = releases.findIndex(({ quality }) => quality.failed.some(isGuard));
  const [tables, units] = [new Map<string, Most>(), new Map<string, Most>()];
  for (const { release, coverage, tables: own } of releases.slice(0, accepted < 0 ? RECENT : accepted + 1)) {
    for (const { name, rows } of own) raise(tables, name, { rows, release });
    for (const { level, country, rows } of coverage.units)
      raise(units, `admin${level}/${country}`, { rows, release });
  }
  return { tables, units, failed: releases[0]?.quality.failed ?? [] };
}

function raise(most: Map<string, Most>, name: string, found: Most): void {
  if (found.rows > (most.get(name)?.rows ?? 0)) most.set(name, found);
}

/**
 * The baseline of a release on top of the current one. A record that cannot be read, or of another major of the schema,
 * is left out: `verify --all` says which.
 */
export async function readBaseline(store: Store, current: Manifest | null): Promise<Baseline> {
  if (!current || !isSameMajor(current)) return baselineOf([]);
  const listed = await readableList(store);
  const standing = listed.filter(
    ({ status, release }) => status === 'published' && release !== current.release,
  );
  const ids = standing.slice(0, RECENT - 1).map(({ release }) => release);
  const records = await pMap(ids, (id) => readPast(store, id), { concurrency: READ_AT_ONCE });
  return baselineOf([current, ...records.flatMap((record) => (record && isSameMajor(record) ? record : []))]);
}

async function readPast(store: Store, release: string): Promise<PastRelease | null> {
  const key = releaseKey(release, MANIFEST);
  const found = await store.get(key);
  if (!found) return null;
  return unlessDamaged(Promise.resolve().then(() => readShape(key, found.body, past)));
}
