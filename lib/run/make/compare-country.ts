// Compares a country of the next release with the current one. What was found is kept, so no country is compared twice.
import { readLevelRows } from '../../catalogue/published-rows.ts';
import { type CountryChanges, summariseCountry } from '../../make/changes/country-changes.ts';
import { compareCountry, isUnchanged } from '../../make/changes/differences.ts';
import type { CountryTables } from '../../make/country-tables.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { LevelTable } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';

/** The changes of a country, and its tables whose rows are those of the current release. */
export interface ComparedCountry {
  readonly changes: CountryChanges;
  readonly unchangedTables: readonly LevelTable[];
}

/**
 * Compares a country; null if it has rows in neither release. `load` is called if it was not compared before.
 * @throws {DamagedFileError} if a file of the current release is damaged
 */
export type CountryComparer = (
  country: string,
  load: () => Promise<CountryTables>,
) => Promise<ComparedCountry | null>;

/** Creates a function that compares countries with a release. */
export function createCountryComparer(
  { store }: Pick<RunContext, 'store'>,
  current: Manifest,
): CountryComparer {
  const compared = new Map<string, ComparedCountry | null>();
  return async (country, load) => {
    const known = compared.get(country);
    if (known !== undefined) return known;
    const before = await readLevelRows(store, current, country);
    const { levels: after } = await load();
    const differences = compareCountry(current.api_version, country, { before, after });
    const found =
      before.size === 0 && after.size === 0
        ? null
        : {
            changes: summariseCountry(country, differences),
            unchangedTables: differences.filter(isUnchanged).map(({ table }) => table),
          };
    compared.set(country, found);
    return found;
  };
}
