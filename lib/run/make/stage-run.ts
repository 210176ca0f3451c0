// Prepares the next release without building a table: counts its rows and snapshots, which the guards compare with those
// of recent releases.
import { readBaseline } from '../../catalogue/baseline.ts';
import { createTableReader, readCountryRows } from '../../catalogue/published-rows.ts';
import type { GuardInput } from '../../make/quality/guards.ts';
import { type Manifest, nullIfDamaged } from '../../release/manifest.ts';
import { type Columns, numberColumn, stringColumn, valueAt } from '../../table/columns.ts';
import { SNAPSHOT } from '../../table/complete.ts';
import { LEVEL_TABLES, type TableName, tablesOf } from '../../table/schema.ts';
import { groupStarts } from '../../table/sort.ts';
import type { RunContext } from '../context.ts';
import type { ComposedUnit } from '../units/compose-units.ts';
import { tableOf, type Unit, unitName } from '../units/unit.ts';
import type { CountryComparer } from './compare-country.ts';
import type { ComposedRun } from './load-country.ts';

/** A run combined with the current release. */
export interface StagedRun extends ComposedRun {
  /** Countries whose rows are known to be those of the current release. */
  readonly unchanged: ReadonlySet<string>;
  /** Compares a country with the current release; null if there is none with the same major version of the schema. */
  readonly compare: CountryComparer | null;
  /** The counts of the next release, and those of recent releases. */
  readonly guarded: GuardInput;
}

/** Prepares the next release on top of `current`. @throws {DamagedFileError} if rows of the current release are damaged */
export async function stageRun(
  { store }: Pick<RunContext, 'store'>,
  run: ComposedRun,
  { current, unchanged, compare }: { current: Manifest | null } & Pick<StagedRun, 'unchanged' | 'compare'>,
): Promise<StagedRun> {
  const { plan, reports, units } = run;
  const rowsOf = (level: number) =>
    units.reduce((sum, unit) => sum + (unit.level === level ? unit.rows : 0), 0);
  const levels = LEVEL_TABLES.map((table, level) => [table, rowsOf(level)] as const);
  const rows = {
    ...Object.fromEntries(levels),
    snapshots: await countSnapshots({ store }, run, current),
    countries: plan.countries.length,
    operations: plan.operations.length,
  } as Record<TableName, number>;
  const keys = new Map(reports.map((report) => [unitName(report), report.keys]));
  const baseline = await readBaseline(store, current);
  return { ...run, unchanged, compare, guarded: { rows, units, keys, baseline } };
}

/** Snapshots of the next release: as the run's reports say, and as the current release has them for its own units. */
async function countSnapshots(
  { store }: Pick<RunContext, 'store'>,
  { reports, units }: ComposedRun,
  current: Manifest | null,
): Promise<number> {
  const staged = new Set(
    units.filter(({ source }) => source === 'staged').map((unit) => unitName(unit as Unit)),
  );
  const answered = reports.filter((report) => staged.has(unitName(report)));
  const published = units.filter(({ source }) => source === 'release');
  const count = current && published.length > 0 ? await createSnapshotCounter(store, current) : null;
  let snapshots = answered.reduce((sum, report) => sum + report.snapshots, 0);
  for (const unit of published) snapshots += (await count?.(unit)) ?? 0;
  return snapshots;
}

/** Counts the snapshots of a published unit: in the table of snapshots, or in the unit's rows if that table is damaged. */
async function createSnapshotCounter(
  store: RunContext['store'],
  current: Manifest,
): Promise<(unit: ComposedUnit) => Promise<number>> {
  const schemas = tablesOf(current.api_version);
  const table = await nullIfDamaged(createTableReader(store, current)('snapshots'));
  if (table) {
    const counts = snapshotsByUnit(table);
    return async (unit) => counts.get(unitName(unit as Unit)) ?? 0;
  }
  return async (unit) => {
    const part = { schema: schemas[tableOf(unit as Unit)], country: unit.country };
    return groupStarts(await readCountryRows(store, current, part), SNAPSHOT).length;
  };
}

function snapshotsByUnit(table: Columns): Map<string, number> {
  const [levels, pcodes] = [numberColumn(table, 'level'), stringColumn(table, 'admin0_pcode')];
  const counts = new Map<string, number>();
  for (let row = 0; row < table.length; row++) {
    const name = `admin${levels.values[row]}/${valueAt(pcodes, row)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
