// The steps from the current release back to earlier ones, by their change logs: which logs there are, and by how much
// each changes the counts at country level. A step stops before a withdrawn release: what differs from it would show its
// figures.
import { changesParquet } from '../../../make/changes/change-files.ts';
import { sha256 } from '../../../release/digest.ts';
import { MANIFEST, releaseKey } from '../../../release/layout.ts';
import {
  DamagedFileError,
  type Manifest,
  nullIfDamaged,
  readManifestPart,
} from '../../../release/manifest.ts';
import { hasChangeLog, type ReleaseEntry } from '../../../release/release-list.ts';
import type { Store } from '../../../store/store.ts';
import { type Columns, columnOf, valueAt } from '../../../table/columns.ts';
import { dayText } from '../../../table/ingest.ts';
import { type TableSchema, tablesOf } from '../../../table/schema.ts';
import { readChangeLog } from '../../published-rows.ts';

/** Releases that the page can go back. */
const MAX_STEPS = 60;

/** Change logs that are read. A release without changed rows needs none. */
const MAX_LOGS = 30;

/** A count's key, and by how much its rows and persons changed. */
export interface CountStep {
  readonly key: CountKey;
  readonly rows: number;
  readonly idps: number | null;
}

export type CountKey = readonly [
  country: string,
  operation: string,
  type: string,
  date: string,
  round: number,
];

/** A release and the one that it supersedes, with whose figures the page may compare. */
export interface ChainStep {
  readonly later: ReleaseEntry;
  readonly earlier: ReleaseEntry;
}

/** The steps from the current release back, newest first, as far as there are logs. */
export function chooseSteps(listed: readonly ReleaseEntry[], current: string): ChainStep[] {
  const byId = new Map(listed.map((entry) => [entry.release, entry]));
  const chain: ChainStep[] = [];
  let logs = 0;
  for (let later = byId.get(current); later && hasChangeLog(later) && chain.length < MAX_STEPS; ) {
    const earlier = byId.get(later.supersedes ?? '');
    if (!earlier || earlier.status === 'withdrawn') break;
    if (hasChangedRows(later) && ++logs > MAX_LOGS) break;
    chain.push({ later, earlier });
    later = earlier;
  }
  return chain;
}

const hasChangedRows = ({ changes }: ReleaseEntry): boolean =>
  changes !== null && changes.added + changes.removed + changes.changed > 0;

/** The changed counts at country level of a release's log; null if the log is missing or damaged. */
export async function readSteps(
  store: Store,
  entry: ReleaseEntry,
  { api_version }: Manifest,
): Promise<CountStep[] | null> {
  if (!hasChangedRows(entry)) return [];
  const log = await nullIfDamaged(readLog(store, entry, tablesOf(api_version).admin0));
  return log && sumByCount(log);
}

async function readLog(
  store: Store,
  { release, manifest_sha256 }: ReleaseEntry,
  schema: TableSchema,
): Promise<Columns> {
  const key = releaseKey(release, MANIFEST);
  const manifest = await store.get(key);
  if (!manifest || sha256(manifest.body) !== manifest_sha256)
    throw new DamagedFileError(key, 'missing, or with another hash than in the list');
  return readChangeLog(store, readManifestPart(key, manifest.body, changesParquet('admin0')), schema);
}

/** Sums of the changed rows by count. A row that was added or removed has a figure on one side only. */
function sumByCount(log: Columns): CountStep[] {
  const sums = new Map<string, { key: CountKey; rows: number; idps: number | null }>();
  const reader = (name: string) => {
    const column = columnOf(log, name);
    return (row: number) => valueAt(column, row);
  };
  const change = reader('change');
  const [old, now] = [reader('old_num_present_idp_ind'), reader('new_num_present_idp_ind')];
  const keyAt = countKeys(log);
  for (let row = 0; row < log.length; row++) {
    const key = keyAt(row);
    const sum = sums.get(JSON.stringify(key)) ?? { key, rows: 0, idps: 0 };
    const isAdded = change(row) === 'added';
    const isRemoved = change(row) === 'removed';
    const [before, after] = [isAdded ? 0 : old(row), isRemoved ? 0 : now(row)];
    sum.rows += Number(isAdded) - Number(isRemoved);
    sum.idps =
      sum.idps === null || before === null || after === null
        ? null
        : sum.idps + Number(after) - Number(before);
    sums.set(JSON.stringify(key), sum);
  }
  return [...sums.values()];
}

/** Creates a function that gives the key of the count to which a row belongs. */
export function countKeys(rows: Columns): (row: number) => CountKey {
  const columns = ['admin0_pcode', 'operation', 'assessment_type', 'reporting_date', 'round_number'].map(
    (name) => columnOf(rows, name),
  );
  return (row) => {
    const [country, operation, type, day, round] = columns.map((column) => valueAt(column, row));
    return [country, operation, type, dayText(day as number), round] as CountKey;
  };
}
