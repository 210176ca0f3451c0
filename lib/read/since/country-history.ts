// The counts of one country and level in every listed release. A release in which the country did not change is not
// read: `releases.json` names the changed countries of each. The rows of two releases at most are in memory.
import { readCountryRows } from '../../catalogue/published-rows.ts';
import { countryParquet } from '../../release/layout.ts';
import type { Manifest } from '../../release/manifest.ts';
import { hasChangeLog, type ReleaseEntry } from '../../release/release-list.ts';
import type { Store } from '../../store/store.ts';
import { type Columns, emptyColumns } from '../../table/columns.ts';
import { type LevelTable, tablesOf } from '../../table/schema.ts';
import { describeGap, findPlace, hasData } from './chain.ts';
import { type ManifestReader, readLog } from './change-log.ts';
import { type Counts, countsOf } from './counts.ts';
import type { ListedReleases } from './find-listed.ts';
import { reverse } from './net-rows.ts';
import { createCountryReader, createManifestReader, rebuildRows, whyGone } from './release-side.ts';

export interface HistoryInput {
  readonly country: string;
  readonly table: LevelTable;
  readonly now: Date;
  readonly onProgress: (done: number, releases: number) => void;
  readonly signal?: AbortSignal;
}

/** The counts in one release, or why they are not known. */
export type ReleaseCounts = { readonly entry: ReleaseEntry } & (
  | { readonly counts: Counts }
  | { readonly counts: null; readonly reason: string }
);

/** The counts of a country in every listed release, oldest first, and the number of releases that were read. */
export async function readCountryHistory(
  store: Store,
  list: ListedReleases,
  { country, table, now, onProgress, signal }: HistoryInput,
): Promise<{ readonly releases: readonly ReleaseCounts[]; readonly read: number }> {
  const reader = createReader(store, list, { country, table, now });
  const found: ReleaseCounts[] = [];
  for (const [at, entry] of list.listed.entries()) {
    signal?.throwIfAborted();
    found.unshift(await reader.read(entry));
    onProgress(at + 1, list.listed.length);
  }
  return { releases: found, read: reader.filesRead() };
}

/** The rows of a release, and their counts, which are shared by all releases with the same rows. */
interface Known {
  readonly release: string;
  readonly rows: Columns;
  readonly counts: Counts;
}

type Part = Pick<HistoryInput, 'country' | 'table' | 'now'>;

/** Creates a reader that is asked for the newest release first: the others are mostly one log away from it. */
function createReader(store: Store, list: ListedReleases, { country, table, now }: Part) {
  const readManifest = createManifestReader(store, list);
  let last: Known | null = null;
  let files = 0;
  const remember = (release: string, rows: Columns): Known => {
    last = { release, rows, counts: countsOf(rows) };
    files++;
    return last;
  };

  const find = async (entry: ReleaseEntry): Promise<Known | null> => {
    const above = list.listed.find(
      ({ supersedes, release }) => supersedes === entry.release && release === last?.release,
    );
    if (above && last && isUntouched(above, country)) return { ...last, release: entry.release };
    if (hasData(entry, now))
      return remember(entry.release, await readRows(store, readManifest, { entry, country, table }));
    if (above && last && hasChangeLog(above)) {
      const rows = await undoLog(store, readManifest, { entry: above, rows: last.rows, country, table });
      return remember(entry.release, rows);
    }
    const place = findPlace(list.listed, entry.release, now);
    if (!place) return null;
    const side = { entry, manifest: await readManifest(entry.release), place };
    const read = await createCountryReader(store, readManifest, {
      ...{ side, tables: [table], countries: new Set([country]) },
    });
    return remember(entry.release, (await read(country)).get(table) as Columns);
  };

  return {
    filesRead: () => files,
    read: async (entry: ReleaseEntry): Promise<ReleaseCounts> => {
      if (entry.status === 'withdrawn') return { entry, counts: null, reason: whyGone(entry) };
      const known = await find(entry);
      if (known) {
        last = known;
        return { entry, counts: known.counts };
      }
      const reason = `${whyGone(entry)}, and ${describeGap(list.listed, entry.release)}`;
      return { entry, counts: null, reason };
    },
  };
}

/** True if the change log of a release says that a country has the rows of the release before. */
const isUntouched = (entry: ReleaseEntry, country: string): boolean =>
  hasChangeLog(entry) && !entry.changes?.countries.includes(country);

interface RowsInput {
  readonly entry: ReleaseEntry;
  readonly country: string;
  readonly table: LevelTable;
}

async function readRows(
  store: Store,
  readManifest: ManifestReader,
  { entry, country, table }: RowsInput,
): Promise<Columns> {
  const manifest: Manifest = await readManifest(entry.release);
  const schema = tablesOf(manifest.api_version)[table];
  const isThere = manifest.files.some(({ path }) => path === countryParquet(table, country));
  return isThere ? readCountryRows(store, manifest, { schema, country }) : emptyColumns(schema.columns);
}

/** The rows of the release before the one whose log is undone. @throws {DamagedFileError} if the log is not one of these rows */
async function undoLog(
  store: Store,
  readManifest: ManifestReader,
  { entry, rows, country, table }: RowsInput & { rows: Columns },
): Promise<Columns> {
  const later = await readManifest(entry.release);
  const earlier = await readManifest(entry.supersedes as string);
  const schema = tablesOf(earlier.api_version)[table];
  const log = await readLog(store, later, { table, countries: new Set([country]) });
  const place = { base: entry.release, steps: [{ release: entry.release, undo: true }] };
  return rebuildRows(schema, rows, { net: reverse(log), side: { manifest: earlier, place }, country });
}
