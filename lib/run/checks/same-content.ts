// Compares the next release with the current one, row by row, until the first difference.
import { readLevelRows } from '../../catalogue/published-rows.ts';
import { contentSha256 } from '../../make/content-hash.ts';
import { buildListTables } from '../../make/list-tables.ts';
import { type Manifest, nullIfDamaged } from '../../release/manifest.ts';
import { areRowsEqual } from '../../table/compare.ts';
import { LEVEL_TABLES, tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import { type ComposedRun, countriesWithRows, createCountryLoader } from '../make/load-country.ts';

/**
 * Whether the next release would have the rows of the current one, whatever their ids. `unchanged` are the countries
 * that are known to have them. A country whose published file is damaged does not count as the same.
 */
export async function hasSameContent(
  context: RunContext,
  run: ComposedRun,
  { current, unchanged }: { current: Manifest; unchanged: ReadonlySet<string> },
): Promise<boolean> {
  if (!hasSameLists(run, current)) return false;
  const load = createCountryLoader(context, run, current);
  const countries = new Set([...countriesWithRows(run.units), ...countriesWithRows(current.coverage.units)]);
  for (const country of countries) {
    if (unchanged.has(country)) continue;
    const before = await nullIfDamaged(readLevelRows(context.store, current, country));
    if (!before) return false;
    const { levels } = await load(country);
    const schemas = tablesOf(run.plan.api_version);
    const isSame = LEVEL_TABLES.every((table) =>
      areRowsEqual(schemas[table], before.get(table), levels.get(table)),
    );
    if (!isSame) return false;
  }
  return true;
}

function hasSameLists({ plan }: ComposedRun, { content_sha256 }: Manifest): boolean {
  const [lists, schemas] = [buildListTables(plan.api_version, plan), tablesOf(plan.api_version)];
  return (['countries', 'operations'] as const).every(
    (table) => contentSha256(schemas[table], lists[table]) === content_sha256[table],
  );
}
