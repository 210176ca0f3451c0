// Writes the files of all countries, one country after the other, in the order of the tables. Of a country only its
// compressed rows stay, in the files of the whole tables, and what the changes, the quality and the page need of it.
import { type CountryCharts, countryCharts } from '../../catalogue/page/charts/country-charts.ts';
import { createFileTaker, type FileTaker } from '../../catalogue/published-files.ts';
import { readLevelRows } from '../../catalogue/published-rows.ts';
import { type CountryChanges, summariseCountry } from '../../make/changes/country-changes.ts';
import { compareCountry, isUnchanged } from '../../make/changes/differences.ts';
import type { CountryTables } from '../../make/country-tables.ts';
import type { QualityCheck } from '../../make/quality/check.ts';
import { createRowChecks } from '../../make/quality/row-checks.ts';
import { createWholeTable, type FinishedTable, type WholeTable } from '../../make/whole-table.ts';
import { isSameMajor, type Manifest } from '../../release/manifest.ts';
import type { Columns } from '../../table/columns.ts';
import { dayNumber } from '../../table/ingest.ts';
import { LEVEL_TABLES, type LevelTable, type TableSchema, tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import { countriesWithRows, createCountryLoader } from './load-country.ts';
import type { ReleaseWriter } from './release-writer.ts';
import type { StagedRun } from './stage-run.ts';
import { writeCountry } from './write-country.ts';

/** What stays of all countries. */
export interface WrittenCountries {
  readonly levels: ReadonlyMap<LevelTable, FinishedTable>;
  /** The snapshots of each country. */
  readonly snapshots: readonly Columns[];
  readonly rowChecks: readonly QualityCheck[];
  /** The changes of the countries whose rows were compared; null if there is nothing to compare with. */
  readonly changes: readonly CountryChanges[] | null;
  /** Names of the units whose rows are those of the current release. */
  readonly unchangedUnits: ReadonlySet<string>;
  readonly charts: readonly CountryCharts[];
}

/** Input of `writeCountries`. `canTakeFiles`: files of the current release have the format and terms of the new one. */
export interface CountriesInput {
  readonly writer: ReleaseWriter;
  readonly current: Manifest | null;
  readonly canTakeFiles: boolean;
  readonly keyValues: ReadonlyMap<string, string>;
  /** When the release was claimed, ISO 8601. */
  readonly claimedAt: string;
}

/** Builds and writes the files of every country, and builds those of the level tables. */
export async function writeCountries(
  context: RunContext,
  staged: StagedRun,
  { writer, current, canTakeFiles, keyValues, claimedAt }: CountriesInput,
): Promise<WrittenCountries> {
  const { plan, units, unchanged } = staged;
  const schemas = LEVEL_TABLES.map((table) => tablesOf(plan.api_version)[table]);
  const comparable = current && isSameMajor(current) ? current : null;
  const takeFile = current && canTakeFiles ? createFileTaker(context.store, current) : takeNothing;
  const whole = await createWholeTables(schemas, keyValues);
  const rowChecks = schemas.map((schema) => createRowChecks(schema, dayNumber(claimedAt)));
  const load = createCountryLoader(context, staged, current);
  const [snapshots, charts, changes]: [Columns[], CountryCharts[], CountryChanges[]] = [[], [], []];
  const unchangedUnits = new Set<string>();

  for (const country of countriesOf(units, comparable)) {
    context.signal?.throwIfAborted();
    const isKnown = unchanged.has(country);
    const tables = await load(country);
    await writeCountry(tables, {
      ...{ writer, whole, keyValues, info: { identity: plan, terms: context.terms } },
      take: isKnown ? takeFile : takeNothing,
    });
    for (const [at, table] of LEVEL_TABLES.entries()) {
      const rows = tables.levels.get(table);
      if (rows) rowChecks[at]?.add(rows);
    }
    snapshots.push(tables.snapshots);
    charts.push(...[countryCharts(tables)].filter((found) => found !== null));
    const compared = isKnown || !comparable ? null : await compareWithRelease(context, tables, comparable);
    if (compared) changes.push(compared.changes);
    for (const table of compared?.unchangedTables ?? (isKnown ? LEVEL_TABLES : []))
      unchangedUnits.add(`${table}/${country}`);
  }

  return {
    levels: await finishTables(whole),
    snapshots,
    rowChecks: rowChecks.flatMap(({ checks }) => checks()),
    changes: comparable && changes,
    unchangedUnits,
    charts,
  };
}

const takeNothing: FileTaker = async () => null;

/** The countries that have rows now, or had rows in the release before. */
const countriesOf = (units: StagedRun['units'], before: Manifest | null): string[] =>
  countriesWithRows([...units, ...(before?.coverage.units ?? [])]);

async function createWholeTables(
  schemas: readonly TableSchema[],
  keyValues: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<LevelTable, WholeTable>> {
  const tables = schemas.map(
    async (schema) => [schema.name as LevelTable, await createWholeTable(schema, keyValues)] as const,
  );
  return new Map(await Promise.all(tables));
}

/** Compares a country with the release before. Null if it has rows in neither. */
async function compareWithRelease(
  { store }: RunContext,
  { country, levels }: CountryTables,
  before: Manifest,
): Promise<{ changes: CountryChanges; unchangedTables: readonly LevelTable[] } | null> {
  const rowsBefore = await readLevelRows(store, before, country);
  if (rowsBefore.size === 0 && levels.size === 0) return null;
  const differences = compareCountry(before.api_version, country, { before: rowsBefore, after: levels });
  return {
    changes: summariseCountry(country, differences),
    unchangedTables: differences.filter(isUnchanged).map(({ table }) => table),
  };
}

async function finishTables(
  whole: ReadonlyMap<LevelTable, WholeTable>,
): Promise<ReadonlyMap<LevelTable, FinishedTable>> {
  const finished = new Map<LevelTable, FinishedTable>();
  for (const [table, { finish }] of whole) finished.set(table, await finish());
  return finished;
}
