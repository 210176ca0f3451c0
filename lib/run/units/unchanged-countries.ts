// Finds the countries whose rows are known to be those of the current release, without reading a row: every unit has the
// same answer or takes its rows from there, and the API lists the same operations.
import { isDeepStrictEqual } from 'node:util';
import { createTableReader } from '../../catalogue/published-rows.ts';
import { contentSha256 } from '../../make/content-hash.ts';
import { buildListTables } from '../../make/list-tables.ts';
import { type Manifest, type ManifestUnit, nullIfDamaged } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';
import { type Columns, stringColumn, valueAt } from '../../table/columns.ts';
import { tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import { type Plan, reusableRun } from '../plan.ts';
import type { ComposedUnit } from './compose-units.ts';
import { type Unit, unitName } from './unit.ts';

/** Finds these countries. There are none if the current release was read or written in another way. */
export async function findUnchangedCountries(
  { store, generator }: Pick<RunContext, 'store' | 'generator'>,
  { plan, units }: { plan: Plan; units: readonly ComposedUnit[] },
  current: Manifest | null,
): Promise<ReadonlySet<string>> {
  if (!current || reusableRun({ generator }, current) === null) return new Set();
  const publishedUnits = new Map(current.coverage.units.map((unit) => [unitName(unit as Unit), unit]));
  const hasSameOperations = await createOperationsCheck(store, plan, current);
  const byCountry = [...Map.groupBy(units, ({ country }) => country)];
  const unchanged = byCountry.filter(
    ([country, list]) =>
      list.every((unit) => hasSameRows(unit, publishedUnits.get(unitName(unit as Unit)))) &&
      hasSameOperations(country),
  );
  return new Set(unchanged.map(([country]) => country));
}

/**
 * An earlier unit that is kept or carried does not count as the same answer: an older version of this program may have
 * read it in another way.
 */
const hasSameRows = (unit: ComposedUnit, earlier: ManifestUnit | undefined): boolean =>
  unit.source === 'staged'
    ? earlier?.status === 'ok' && unit.raw_sha256 === earlier.raw_sha256
    : unit.rows === (earlier?.rows ?? 0);

/** Returns a function that says if the API lists the same operations of a country as in the current release. */
async function createOperationsCheck(
  store: Store,
  plan: Plan,
  current: Manifest,
): Promise<(country: string) => boolean> {
  const { operations } = buildListTables(plan.api_version, plan);
  const hash = contentSha256(tablesOf(plan.api_version).operations, operations);
  if (hash === current.content_sha256.operations) return () => true;
  const earlier = await nullIfDamaged(createTableReader(store, current)('operations'));
  if (!earlier) return () => false;
  const [now, before] = [operationsByCountry(operations), operationsByCountry(earlier)];
  return (country) => isDeepStrictEqual(now.get(country), before.get(country));
}

/** The operations of each country with their statuses, in order. */
function operationsByCountry(operations: Columns): Map<string, (string | null)[][]> {
  const [pcodes, ...columns] = ['admin0_pcode', 'operation', 'operation_status'].map((name) =>
    stringColumn(operations, name),
  );
  const byCountry = new Map<string, (string | null)[][]>();
  for (let row = 0; row < operations.length; row++) {
    const country = valueAt(pcodes as NonNullable<typeof pcodes>, row) as string;
    const list = byCountry.get(country) ?? [];
    byCountry.set(country, list);
    list.push(columns.map((column) => valueAt(column, row) as string | null));
  }
  return byCountry;
}
