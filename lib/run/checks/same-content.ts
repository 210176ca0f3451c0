// Compares the next release with the current one, country by country, until the first difference.
import { contentSha256 } from '../../make/content-hash.ts';
import { buildListTables } from '../../make/list-tables.ts';
import { type Manifest, nullIfDamaged } from '../../release/manifest.ts';
import { LEVEL_TABLES, tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import type { CountryComparer } from '../make/compare-country.ts';
import { type ComposedRun, countriesWithRows, createCountryLoader } from '../make/load-country.ts';

/**
 * Whether the next release would have the rows of the current one, whatever their ids. `unchanged` are the countries
 * that are known to have them. A country whose published file is damaged does not count as the same.
 */
export async function hasSameContent(
  context: RunContext,
  run: ComposedRun,
  {
    current,
    unchanged,
    compare,
  }: { current: Manifest; unchanged: ReadonlySet<string>; compare: CountryComparer },
): Promise<boolean> {
  if (!hasSameLists(run, current)) return false;
  const load = createCountryLoader(context, run, current);
  for (const country of countriesWithRows([...run.units, ...current.coverage.units])) {
    if (unchanged.has(country)) continue;
    const compared = await nullIfDamaged(compare(country, () => load(country)));
    if (compared?.unchangedTables.length !== LEVEL_TABLES.length) return false;
  }
  return true;
}

function hasSameLists({ plan }: ComposedRun, { content_sha256 }: Manifest): boolean {
  const [lists, schemas] = [buildListTables(plan.api_version, plan), tablesOf(plan.api_version)];
  return (['countries', 'operations'] as const).every(
    (table) => contentSha256(schemas[table], lists[table]) === content_sha256[table],
  );
}
