// The two files beside the pointer that change: `releases.json`, every release, and `status.json`, the last check.
// Both are read, changed and swapped; who loses a race reads again, so no entry is lost.
import {
  array,
  enums,
  type Infer,
  integer,
  nullable,
  optional,
  record,
  type Struct,
  string,
  type,
} from 'superstruct';
import type { Store } from '../store/store.ts';
import { jsonBytes } from './digest.ts';
import { LATEST, RELEASES, STATUS } from './layout.ts';
import {
  changeCounts,
  type Manifest,
  type ManifestUnit,
  type Pointer,
  readShape,
  UNIT_STATUSES,
  type UnitStatus,
  unlessDamaged,
} from './manifest.ts';
import { swap } from './swap.ts';

const releases = type({
  releases: array(
    type({
      release: string(),
      status: enums(['published', 'withdrawn']),
      manifest: string(),
      manifest_sha256: string(),
      published_at: string(),
      supersedes: nullable(string()),
      schema_version: string(),
      rows: record(string(), integer()),
      changes: nullable(changeCounts),
      expires_at: nullable(string()),
      withdrawn: optional(nullable(type({ reason: string(), date: string() }))),
      announced_at: nullable(string()),
      gaps: optional(
        nullable(type({ carried: integer(), failed: integer(), oldest_answer: nullable(string()) })),
      ),
    }),
  ),
});
export type Releases = Infer<typeof releases>;

/**
 * A release that was published: `expires_at` is when the retention rule lets its data files go (they are gone by then
 * or soon after), null while it keeps them; `withdrawn` says why it was taken back, and is not there otherwise; `gaps`
 * counts units without an answer, null where there are none, with the oldest answer that stands in for one.
 */
export type ReleaseEntry = Releases['releases'][number];

const status = type({
  last_check: nullable(
    type({
      at: string(),
      run: string(),
      outcome: enums(['published', 'unchanged', 'refused', 'failed']),
      coverage: record(string(), integer()),
    }),
  ),
  last_change: nullable(type({ at: string(), release: string() })),
  last_failure: nullable(type({ at: string(), run: string(), reason: string() })),
  units: optional(
    array(
      type({
        level: enums([0, 1, 2]),
        country: string(),
        status: enums(UNIT_STATUSES),
        rows: integer(),
        answered_at: nullable(string()),
        reason: nullable(string()),
      }),
    ),
  ),
});
export type Status = Infer<typeof status>;

/** How many units have each status; absent ones are no gap. */
export type Coverage = Record<UnitStatus, number>;

const NO_STATUS: Status = { last_check: null, last_change: null, last_failure: null };

/** Changes a JSON file; `change` returns null to leave it. */
const update = <T>(
  store: Store,
  key: string,
  { struct, empty, change }: { struct: Struct<T>; empty: T; change: (value: T) => T | null },
): Promise<void> =>
  swap(store, key, (found) => {
    const changed = change(found ? readShape(key, found, struct) : empty);
    return changed && jsonBytes(changed);
  });

/**
 * Lists a published release, newest first; one that is listed already stays as it is. Which is newer is told by what they
 * supersede, not by their dates, which come from clocks. The pointer that names it outlives a loss of power before.
 */
export async function listRelease(store: Store, manifest: Manifest, pointer: Pointer): Promise<void> {
  const entry = entryOf(manifest, pointer);
  await store.sync(LATEST);
  await update(store, RELEASES, {
    struct: releases,
    empty: { releases: [] },
    change: ({ releases: listed }) => {
      if (listed.some(({ release }) => release === entry.release)) return null;
      // Below the one that supersedes it, if that was quicker; else it is the newest.
      const above = listed.findIndex(({ supersedes }) => supersedes === entry.release);
      return { releases: listed.toSpliced(above + 1, 0, entry) };
    },
  });
}

/** What the list says of a release that the pointer names. */
export const entryOf = (manifest: Manifest, pointer: Pointer): ReleaseEntry => ({
  release: manifest.release,
  status: 'published',
  manifest: pointer.manifest as string,
  manifest_sha256: pointer.manifest_sha256 as string,
  published_at: pointer.published_at,
  supersedes: manifest.supersedes,
  schema_version: manifest.schema_version,
  rows: pointer.rows,
  changes: manifest.changes,
  expires_at: null,
  announced_at: null,
  gaps: gapsOf(manifest),
});

function gapsOf({ coverage }: Manifest): ReleaseEntry['gaps'] {
  const of = (wanted: UnitStatus) => coverage.units.filter(({ status }) => status === wanted);
  const [carried, failed] = [of('carried'), of('failed')];
  if (carried.length + failed.length === 0) return null;
  const [oldest = null] = carried.flatMap(({ fetched_at }) => fetched_at ?? []).sort();
  return { carried: carried.length, failed: failed.length, oldest_answer: oldest };
}

/** Changes the entry of a release that is listed; `change` returns null to leave it. */
export async function updateRelease(
  store: Store,
  release: string,
  change: (entry: ReleaseEntry) => ReleaseEntry | null,
): Promise<void> {
  await update(store, RELEASES, {
    struct: releases,
    empty: { releases: [] },
    change: ({ releases: listed }) => {
      const at = listed.findIndex((entry) => entry.release === release);
      const changed = listed[at] ? change(listed[at]) : null;
      return changed && { releases: listed.with(at, changed) };
    },
  });
}

/** Every release that was ever published; empty where there is no list. @throws {DamagedFileError} */
export async function readReleases(store: Store): Promise<ReleaseEntry[]> {
  const found = await store.get(RELEASES);
  return found ? readShape(RELEASES, found.body, releases).releases : [];
}

/** The same; empty also where the list is damaged, which is told elsewhere. @throws {StoreError} */
export const readableList = async (store: Store): Promise<ReleaseEntry[]> =>
  (await unlessDamaged(readReleases(store))) ?? [];

/** The last check, change and failure; null where nothing was ever checked. @throws {DamagedFileError} */
export async function readStatus(store: Store): Promise<Status | null> {
  const found = await store.get(STATUS);
  return found ? readShape(STATUS, found.body, status) : null;
}

/** How a check ended: what `status.json` says of it. */
export interface Check {
  readonly at: Date;
  readonly run: string;
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly coverage: Coverage;
  readonly release: string | null;
  readonly reason: string | null;
  /** Every unit as the run has composed it; none if it came to nothing before. */
  readonly units?: readonly ManifestUnit[];
}

/** Records a check as the last one: whoever writes last has checked last, whatever the clocks say. */
export async function recordCheck(store: Store, check: Check): Promise<void> {
  const at = check.at.toISOString();
  await update(store, STATUS, {
    struct: status,
    empty: NO_STATUS,
    change: (before) => {
      const failed = check.outcome === 'refused' || check.outcome === 'failed';
      return {
        last_check: { at, run: check.run, outcome: check.outcome, coverage: check.coverage },
        last_change:
          check.outcome === 'published' ? { at, release: check.release as string } : before.last_change,
        last_failure: failed ? { at, run: check.run, reason: check.reason ?? '' } : before.last_failure,
        ...(check.units || before.units ? { units: standingsAfter(before.units ?? [], check.units) } : {}),
      };
    },
  });
}

type Standings = NonNullable<Status['units']>;

/**
 * The units after a check: an answer of this run renews their time, nothing else does, and a unit that was not asked for
 * stays what it was.
 */
function standingsAfter(before: Standings, checked: readonly ManifestUnit[] | undefined): Standings {
  if (!checked) return before;
  const nameOf = ({ level, country }: Pick<ManifestUnit, 'level' | 'country'>) => `${level}/${country}`;
  const earlier = new Map(before.map((unit) => [nameOf(unit), unit]));
  return checked
    .filter(({ status }) => status !== 'absent')
    .map(({ level, country, status, rows, fetched_at, reason }) => {
      const known = earlier.get(nameOf({ level, country }));
      if (status === 'kept' && known) return known;
      const isAnswered = status === 'ok' || status === 'empty';
      const answered_at = isAnswered ? fetched_at : (known?.answered_at ?? fetched_at);
      return { level, country, status, rows, answered_at, reason };
    });
}
