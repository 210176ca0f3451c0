// Collects what the page says about earlier releases: the counts at country level that changed since each of them.
import pMap from 'p-map';
import type { Manifest } from '../../../release/manifest.ts';
import type { ReleaseEntry } from '../../../release/release-list.ts';
import type { Store } from '../../../store/store.ts';
import { type Columns, columnOf, valueAt } from '../../../table/columns.ts';
import { createTableReader } from '../../published-rows.ts';
import {
  type ChainStep,
  type CountKey,
  type CountStep,
  chooseSteps,
  countKeys,
  readSteps,
} from './change-steps.ts';
import type { SinceData, SinceStep } from './since-data.ts';

/** Changed counts of all logs together: some 40 bytes each in the script. */
const MAX_DELTAS = 20_000;

/** Logs that are read at the same time. */
const READ_CONCURRENCY = 8;

/** What the page says about earlier releases; null if there is none to compare with. @throws {StoreError} */
export async function readSince(
  store: Store,
  { manifest, listed }: { manifest: Manifest; listed: readonly ReleaseEntry[] },
  names: Readonly<Record<string, string>>,
): Promise<SinceData | null> {
  const chain = chooseSteps(listed, manifest.release);
  const logs = await pMap(chain, ({ later }) => readSteps(store, later, manifest), {
    concurrency: READ_CONCURRENCY,
  });
  const firstDamaged = logs.indexOf(null);
  const readable = firstDamaged < 0 ? chain.length : firstDamaged;
  const kept = chain.slice(0, countWithin(logs.slice(0, readable) as CountStep[][]));
  if (kept.length === 0) return null;
  const rows = await createTableReader(store, manifest)('snapshots');
  return compose(
    kept.map((step, at) => ({ ...step, counts: logs[at] as CountStep[] })),
    { release: manifest.release, now: currentCounts(rows), names },
  );
}

/** The number of logs, from the newest on, whose changed counts fit into the script. */
function countWithin(logs: readonly CountStep[][]): number {
  let deltas = 0;
  const tooMany = logs.findIndex((log) => {
    deltas += log.length;
    return deltas > MAX_DELTAS;
  });
  return tooMany < 0 ? logs.length : tooMany;
}

/** Rows and persons of each count at country level in the current release. */
type CurrentCounts = ReadonlyMap<string, { readonly rows: number; readonly idps: number | null }>;

function currentCounts(snapshots: Columns): CurrentCounts {
  const level = columnOf(snapshots, 'level');
  const [rows, idps] = [columnOf(snapshots, 'rows'), columnOf(snapshots, 'idps')];
  const keyAt = countKeys(snapshots);
  const counts = new Map<string, { rows: number; idps: number | null }>();
  for (let row = 0; row < snapshots.length; row++)
    if (valueAt(level, row) === 0)
      counts.set(JSON.stringify(keyAt(row)), {
        rows: valueAt(rows, row) as number,
        idps: valueAt(idps, row) as number | null,
      });
  return counts;
}

/** Gives every text and count a number, so that the script is small. */
function compose(
  steps: readonly (ChainStep & { counts: readonly CountStep[] })[],
  { release, now, names }: { release: string; now: CurrentCounts; names: Readonly<Record<string, string>> },
): SinceData {
  const operations = new Map<string, number>();
  const types = new Map<string, number>();
  const counts = new Map<string, SinceData['counts'][number]>();
  const numberOf = (known: Map<string, number>, text: string): number => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };
  const numbers = new Map<string, number>();
  const countNumber = (key: CountKey): number => {
    const [country, operation, type, date, round] = key;
    const text = JSON.stringify(key);
    const { rows, idps } = now.get(text) ?? { rows: 0, idps: 0 };
    if (!counts.has(text))
      counts.set(text, [
        ...[country, numberOf(operations, operation), numberOf(types, type)],
        ...[date, round, rows, idps],
      ] as unknown as SinceData['counts'][number]);
    return numberOf(numbers, text);
  };
  const composed = steps.map(
    ({ later, earlier, counts: changed }): SinceStep => ({
      from: earlier.release,
      published_at: earlier.published_at,
      countries: later.changes?.countries ?? [],
      deltas: changed.map(({ key, rows, idps }) => [countNumber(key), rows, idps]),
    }),
  );
  const touched = new Set(composed.flatMap(({ countries }) => countries));
  return {
    release,
    names: Object.fromEntries(Object.entries(names).filter(([code]) => touched.has(code))),
    operations: [...operations.keys()],
    types: [...types.keys()],
    counts: [...counts.values()],
    steps: composed,
  };
}
