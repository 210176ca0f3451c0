// Loads the rows of one country of the next release: staged rows of this run, and rows of the current release for
// carried and kept units.
import { readCountryRows } from '../../catalogue/published-rows.ts';
import { buildCountryTables, type CountryTables } from '../../make/country-tables.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { Columns } from '../../table/columns.ts';
import { type LevelTable, tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import type { Plan } from '../plan.ts';
import type { ComposedUnit } from '../units/compose-units.ts';
import { readStaged, tableOf, type Unit, type UnitReport, unitName } from '../units/unit.ts';

/** A run's plan, the reports of its units, and the units of the next release. */
export interface ComposedRun {
  readonly plan: Plan;
  readonly reports: readonly UnitReport[];
  readonly units: readonly ComposedUnit[];
}

/**
 * Loads and builds the tables of a country.
 * @throws {StagedFileError} if staged rows are missing or damaged; {DamagedFileError} if published ones are
 */
export type CountryLoader = (country: string) => Promise<CountryTables>;

/** Creates a loader for the countries of a run. */
export function createCountryLoader(
  { store }: Pick<RunContext, 'store'>,
  { plan, reports, units }: ComposedRun,
  current: Manifest | null,
): CountryLoader {
  const schemas = tablesOf(plan.api_version);
  const answers = new Map(reports.map((report) => [unitName(report), report]));
  const byCountry = Map.groupBy(units, ({ country }) => country);
  const operations = Map.groupBy(plan.operations, ({ admin0Pcode }) => admin0Pcode);
  const loadUnit = (composed: ComposedUnit): Promise<Columns> => {
    const unit = composed as Unit;
    const schema = schemas[tableOf(unit)];
    if (composed.source === 'release')
      return readCountryRows(store, current as Manifest, { schema, country: unit.country });
    const report = answers.get(unitName(unit)) as UnitReport;
    return readStaged(store, { run: plan.run, report }, schema);
  };
  return async (country) => {
    const staged = new Map<LevelTable, Columns>();
    for (const unit of byCountry.get(country) ?? [])
      if (unit.source !== 'none') staged.set(tableOf(unit as Unit), await loadUnit(unit));
    return buildCountryTables({
      apiVersion: plan.api_version,
      country,
      staged,
      operations: operations.get(country) ?? [],
    });
  };
}

/** The countries that have a row at any level, in the order of the tables. */
export const countriesWithRows = (units: readonly Pick<ComposedUnit, 'country' | 'rows'>[]): string[] =>
  [...new Set(units.filter(({ rows }) => rows > 0).map(({ country }) => country))].sort();
