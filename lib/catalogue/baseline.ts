// What a new release is held against: the largest that each table and each unit was in the recent releases, so that many
// small losses are one large loss. A release whose loss was accepted is where looking back ends.
import pMap from 'p-map';
import { array, type Infer, integer, string, type } from 'superstruct';
import { type Baseline, isGuardName, type Maximum } from '../build/quality/guards.ts';
import { MANIFEST, releaseKey } from '../release/layout.ts';
import { isSameMajor, type Manifest, nullIfDamaged, parseStruct } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { readReleasesOrEmpty } from './release-list.ts';

/** So many releases count as recent, the current one included. */
const RECENT_RELEASES = 30;

/** Manifests being read at once. */
const READ_AT_ONCE = 8;

/** What of a manifest counts here: checking all of it takes twenty times as long. */
const pastManifest = type({
  release: string(),
  schema_version: string(),
  coverage: type({ units: array(type({ level: integer(), country: string(), rows: integer() })) }),
  tables: array(type({ name: string(), rows: integer() })),
  quality: type({ failed: array(string()) }),
});
export type PastRelease = Infer<typeof pastManifest>;

/** The largest of some releases, newest first, back to the last one whose loss was accepted. */
export function computeBaseline(releases: readonly PastRelease[]): Baseline {
  const accepted = releases.findIndex(({ quality }) => quality.failed.some(isGuardName));
  const [tables, units] = [new Map<string, Maximum>(), new Map<string, Maximum>()];
  for (const { release, coverage, tables: releaseTables } of releases.slice(
    0,
    accepted < 0 ? RECENT_RELEASES : accepted + 1,
  )) {
    for (const { name, rows } of releaseTables) recordMaximum(tables, name, { rows, release });
    for (const { level, country, rows } of coverage.units)
      recordMaximum(units, `admin${level}/${country}`, { rows, release });
  }
  return { tables, units, failedChecks: releases[0]?.quality.failed ?? [] };
}

function recordMaximum(maxima: Map<string, Maximum>, name: string, found: Maximum): void {
  if (found.rows > (maxima.get(name)?.rows ?? 0)) maxima.set(name, found);
}

/**
 * The baseline of a release on top of the current one. A record that cannot be read, or of another major of the schema,
 * is left out: `verify --all` says which.
 */
export async function readBaseline(store: Store, current: Manifest | null): Promise<Baseline> {
  if (!current || !isSameMajor(current)) return computeBaseline([]);
  const listed = await readReleasesOrEmpty(store);
  const published = listed.filter(
    ({ status, release }) => status === 'published' && release !== current.release,
  );
  const ids = published.slice(0, RECENT_RELEASES - 1).map(({ release }) => release);
  const records = await pMap(ids, (id) => readPastRelease(store, id), { concurrency: READ_AT_ONCE });
  return computeBaseline([
    current,
    ...records.flatMap((record) => (record && isSameMajor(record) ? record : [])),
  ]);
}

async function readPastRelease(store: Store, release: string): Promise<PastRelease | null> {
  const key = releaseKey(release, MANIFEST);
  const found = await store.get(key);
  if (!found) return null;
  return nullIfDamaged(Promise.resolve().then(() => parseStruct(key, found.body, pastManifest)));
}
