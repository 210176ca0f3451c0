// Writes the files of all countries, one country after the other, in the order of the tables. Of a country only its
// compressed rows stay, in the files of the whole tables, and what the changes, the quality and the page need of it.
import type { ApiVersion } from '../../dtm/endpoints.ts';
import type { CountryChanges } from '../../make/changes/country-changes.ts';
import { createWholeTable, type FinishedTable, type WholeTable } from '../../make/whole-table.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { Columns } from '../../table/columns.ts';
import { LEVEL_TABLES, type LevelTable, tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import { type BuildOptions, buildCountry, type ReleaseCountry } from './build-country.ts';
import type { CountryComparer } from './compare-country.ts';
import { type CountrySummary, writeCountrySummary } from './country-summary.ts';
import { countriesWithRows, createCountryLoader } from './load-country.ts';
import type { ReleaseWriter } from './release-writer.ts';
import type { StagedRun } from './stage-run.ts';
import { type CountryTaker, createCountryTaker } from './take-country.ts';

/** What stays of all countries. */
export interface WrittenCountries {
  readonly levels: ReadonlyMap<LevelTable, FinishedTable>;
  /** The snapshots of each country. */
  readonly snapshots: readonly Columns[];
  readonly summaries: readonly CountrySummary[];
  /** The changes of the countries whose rows were compared; null if there is nothing to compare with. */
  readonly changes: readonly CountryChanges[] | null;
  /** Names of the units whose rows are those of the current release. */
  readonly unchangedUnits: ReadonlySet<string>;
}

/** Input of `writeCountries`. `canTakeFiles`: files of the current release have the format and terms of the new one. */
export interface CountriesInput extends BuildOptions {
  readonly writer: ReleaseWriter;
  readonly current: Manifest | null;
  /** Compares with the current release; null if there is none, or none with the same major version of the schema. */
  readonly compare: CountryComparer | null;
  readonly canTakeFiles: boolean;
}

/** Writes the files of every country, and builds the files of the level tables. */
export async function writeCountries(
  context: RunContext,
  staged: StagedRun,
  { writer, current, compare, canTakeFiles, ...options }: CountriesInput,
): Promise<WrittenCountries> {
  const { store, run } = context;
  const take =
    current && canTakeFiles ? await createCountryTaker(store, current, options.today) : takeNothing;
  const load = createCountryLoader(context, staged, current);
  const whole = await createWholeTables(staged.plan.api_version, options.keyValues);
  const [snapshots, summaries, changes]: [Columns[], CountrySummary[], CountryChanges[]] = [[], [], []];
  const unchangedUnits = new Set<string>();

  for (const country of countriesOf(staged.units, compare && current)) {
    context.signal?.throwIfAborted();
    const isUnchanged = staged.unchanged.has(country);
    const taken = isUnchanged ? await take(country) : null;
    const tables = taken ? null : await load(country);

    // Files: taken or built. A country that has lost all its rows has none.
    const built = tables && tables.levels.size > 0 ? await buildCountry(tables, options) : taken;
    if (built) {
      await writeCountry(built, { writer, whole });
      await writeCountrySummary(store, { run, country }, built.summary);
      snapshots.push(built.snapshots);
      summaries.push(built.summary);
    }

    // Changes: only of a country that is not known to have none.
    const compared = tables && !isUnchanged ? await compare?.(country, async () => tables) : null;
    if (compared) changes.push(compared.changes);
    for (const table of compared?.unchangedTables ?? (isUnchanged ? LEVEL_TABLES : []))
      unchangedUnits.add(`${table}/${country}`);
  }

  const levels = await finishTables(whole);
  return { levels, snapshots, summaries, changes: compare && changes, unchangedUnits };
}

const takeNothing: CountryTaker = async () => null;

/** The countries that have rows now, or had rows in the release before. */
const countriesOf = (units: StagedRun['units'], before: Manifest | null): string[] =>
  countriesWithRows([...units, ...(before?.coverage.units ?? [])]);

async function createWholeTables(
  apiVersion: ApiVersion,
  keyValues: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<LevelTable, WholeTable>> {
  const whole = new Map<LevelTable, WholeTable>();
  for (const table of LEVEL_TABLES)
    whole.set(table, await createWholeTable(tablesOf(apiVersion)[table], keyValues));
  return whole;
}

/** Writes the files of a country, and appends its rows to the whole tables. */
async function writeCountry(
  { parts, workbook }: ReleaseCountry,
  { writer, whole }: { writer: ReleaseWriter; whole: ReadonlyMap<LevelTable, WholeTable> },
): Promise<void> {
  await writer.add(workbook);
  for (const [table, part] of parts) {
    await writer.add(part.parquet);
    await writer.add(part.csv);
    await whole.get(table)?.append(part);
  }
}

async function finishTables(
  whole: ReadonlyMap<LevelTable, WholeTable>,
): Promise<ReadonlyMap<LevelTable, FinishedTable>> {
  const finished = new Map<LevelTable, FinishedTable>();
  for (const [table, { finish }] of whole) finished.set(table, await finish());
  return finished;
}
