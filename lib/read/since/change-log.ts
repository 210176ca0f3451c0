// Reads the change logs of releases, and adds up those between two releases. Only their sum and one log are in memory.
import { readChangeLog } from '../../catalogue/published-rows.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';
import {
  type Column,
  type Columns,
  columnOf,
  createColumn,
  emptyColumns,
  stringColumn,
  take,
  valueAt,
} from '../../table/columns.ts';
import { LABEL_COLUMNS, MEASURES } from '../../table/compare.ts';
import { type LevelTable, type TableSchema, tablesOf } from '../../table/schema.ts';
import type { Step } from './chain.ts';
import { addNet, type NetRows, reverse } from './net-rows.ts';

/** Reads manifests by id, and checks them. */
export type ManifestReader = (release: string) => Promise<Manifest>;

/** The part of the logs that is wanted. `countries`: null for all. */
export interface LogPart {
  readonly table: LevelTable;
  readonly countries: ReadonlySet<string> | null;
}

const noRows = ({ columns }: TableSchema): NetRows => ({
  gone: emptyColumns(columns),
  come: emptyColumns(columns),
});

/** The sum of the logs on a way. @throws {DamagedFileError} if a log or manifest is missing or damaged; {StoreError} */
export async function sumLogs(
  store: Store,
  readManifest: ManifestReader,
  {
    steps,
    part,
    schema,
    onLog,
  }: { steps: readonly Step[]; part: LogPart; schema: TableSchema; onLog: () => void },
): Promise<NetRows> {
  let sum = noRows(schema);
  for (const { release, undo } of steps) {
    const log = await readLog(store, await readManifest(release), part);
    sum = addNet(schema, sum, undo ? reverse(log) : log);
    onLog();
  }
  return sum;
}

/** The change log of one table of a release. @throws {DamagedFileError} */
export async function readLog(
  store: Store,
  manifest: Manifest,
  { table, countries }: LogPart,
): Promise<NetRows> {
  const schema = tablesOf(manifest.api_version)[table];
  const log = await readChangeLog(store, manifest, schema);
  const isWanted = countryFilter(log, countries);
  const side = (which: 'old' | 'new'): Columns => rowsOfSide(schema, log, { which, isWanted });
  return { gone: side('old'), come: side('new') };
}

function countryFilter(log: Columns, countries: ReadonlySet<string> | null): (row: number) => boolean {
  if (countries === null) return () => true;
  const pcodes = stringColumn(log, 'admin0_pcode');
  return (row) => countries.has(valueAt(pcodes, row) as string);
}

/** The rows before (`old`) or after (`new`), without labels and ids, which a log does not have. */
function rowsOfSide(
  schema: TableSchema,
  log: Columns,
  { which, isWanted }: { which: 'old' | 'new'; isWanted: (row: number) => boolean },
): Columns {
  const changes = stringColumn(log, 'change');
  const absent = which === 'old' ? 'added' : 'removed';
  const rows = Uint32Array.from(
    Array.from({ length: log.length }, (_, row) => row).filter(
      (row) => valueAt(changes, row) !== absent && isWanted(row),
    ),
  );
  const picked = take(log, rows);
  const fill = (value: null | false): (null | false)[] => Array(rows.length).fill(value);
  const column = ({ name, type, nullable }: TableSchema['columns'][number]): Column => {
    const isLabel = name === 'id' || LABEL_COLUMNS.some((label) => label === name);
    if (isLabel) return createColumn(type, fill(nullable ? null : false));
    const isMeasure = MEASURES.some((measure) => measure === name);
    return columnOf(picked, isMeasure ? `${which}_${name}` : name);
  };
  return { length: rows.length, byName: new Map(schema.columns.map((one) => [one.name, column(one)])) };
}
