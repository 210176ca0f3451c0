// The largest row count of each table and unit in the recent releases. A new release is compared with it, so many small
// losses add up. The comparison goes back no further than the last release whose loss was accepted.
import pMap from 'p-map';
import { array, type Infer, integer, string, type } from 'superstruct';
import { type Baseline, isGuardName, type Maximum } from '../make/quality/guards.ts';
import { MANIFEST, releaseKey } from '../release/layout.ts';
import { isSameMajor, type Manifest, nullIfDamaged, parseStruct } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { readReleasesOrEmpty } from './release-list.ts';

/** Number of recent releases, including the current one. */
const RECENT_RELEASES = 30;

/** Manifests that are read at the same time. */
const READ_CONCURRENCY = 8;

/** The parts of a manifest that are needed here. To check the whole manifest takes twenty times as long. */
const pastManifest = type({
  release: string(),
  schema_version: string(),
  coverage: type({ units: array(type({ level: integer(), country: string(), rows: integer() })) }),
  tables: array(type({ name: string(), rows: integer() })),
  quality: type({ failed: array(string()) }),
});
export type PastRelease = Infer<typeof pastManifest>;

/** The maxima of these releases (newest first), back to the last one whose loss was accepted. */
export function computeBaseline(releases: readonly PastRelease[]): Baseline {
  const lastAccepted = releases.findIndex(({ quality }) => quality.failed.some(isGuardName));
  const recent = releases.slice(0, lastAccepted < 0 ? RECENT_RELEASES : lastAccepted + 1);
  const [tables, units] = [new Map<string, Maximum>(), new Map<string, Maximum>()];
  for (const { release, coverage, tables: releaseTables } of recent) {
    for (const { name, rows } of releaseTables) recordMaximum(tables, name, { rows, release });
    for (const { level, country, rows } of coverage.units)
      recordMaximum(units, `admin${level}/${country}`, { rows, release });
  }
  return { tables, units, failedChecks: releases[0]?.quality.failed ?? [] };
}

function recordMaximum(maxima: Map<string, Maximum>, name: string, candidate: Maximum): void {
  if (candidate.rows > (maxima.get(name)?.rows ?? 0)) maxima.set(name, candidate);
}

/**
 * The baseline for a release on top of the current one. A manifest that is damaged or has another schema major is left
 * out; `verify --all` reports the damaged ones.
 */
export async function readBaseline(store: Store, current: Manifest | null): Promise<Baseline> {
  if (!current || !isSameMajor(current)) return computeBaseline([]);
  const listed = await readReleasesOrEmpty(store);
  const published = listed.filter(
    ({ status, release }) => status === 'published' && release !== current.release,
  );
  const ids = published.slice(0, RECENT_RELEASES - 1).map(({ release }) => release);
  const past = await pMap(ids, (id) => readPastRelease(store, id), { concurrency: READ_CONCURRENCY });
  return computeBaseline([current, ...past.flatMap((found) => (found && isSameMajor(found) ? found : []))]);
}

async function readPastRelease(store: Store, release: string): Promise<PastRelease | null> {
  const key = releaseKey(release, MANIFEST);
  const found = await store.get(key);
  if (!found) return null;
  return nullIfDamaged(Promise.resolve().then(() => parseStruct(key, found.body, pastManifest)));
}
