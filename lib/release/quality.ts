// What can be said of a release's figures without knowing the truth: every check with what was observed, what it was
// held against and the verdict. All of these are published, not refused: they describe what the API sent.
import { numbers, strings, valueAt } from '../table/columns.ts';
import { statusByOperation } from '../table/complete.ts';
import { LEVEL_TABLES, type LevelTable } from '../table/schema.ts';
import type { Dataset } from './dataset.ts';
import type { ManifestUnit } from './manifest.ts';

/** How often a field stood in, or was missing from, a unit's rows. */
export interface FieldCounts {
  readonly unknown: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, number>>;
}

export interface QualityCheck {
  readonly name: string;
  readonly observed: number;
  readonly threshold: number;
  readonly verdict: 'pass' | 'fail';
  /** What happens when it fails. */
  readonly consequence: 'published';
  /** The cases, the first ten. */
  readonly examples: readonly string[];
}

const EXAMPLES = 10;

const check = (name: string, observed: number, examples: readonly string[]): QualityCheck => ({
  name,
  observed,
  threshold: 0,
  verdict: observed > 0 ? 'fail' : 'pass',
  consequence: 'published',
  examples: examples.slice(0, EXAMPLES),
});

const counted = (name: string, cases: readonly string[]): QualityCheck => check(name, cases.length, cases);

/** All checks of a release. */
export function qualityChecks(
  dataset: Dataset,
  units: readonly ManifestUnit[],
  fields: readonly FieldCounts[],
): QualityCheck[] {
  const unanswered = units.filter(({ status }) => status === 'failed' || status === 'carried');
  return [
    counted(
      'units without an answer',
      unanswered.map(({ level, country }) => `admin${level}/${country}`),
    ),
    fieldCheck(
      'fields that the schema does not know (left out)',
      fields.map((one) => one.unknown),
    ),
    fieldCheck(
      'fields missing from rows (null)',
      fields.map((one) => one.missing),
    ),
    counted('snapshots whose sum differs from level 0', disagreements(dataset)),
    counted('operations missing from the operation list', unlistedOperations(dataset)),
    ...LEVEL_TABLES.map((table) => nullFigures(dataset, table)),
  ];
}

function fieldCheck(name: string, counts: readonly Readonly<Record<string, number>>[]): QualityCheck {
  const totals = new Map<string, number>();
  for (const one of counts)
    for (const [field, rows] of Object.entries(one)) totals.set(field, (totals.get(field) ?? 0) + rows);
  const examples = [...totals].sort().map(([field, rows]) => `${field}: ${rows} rows`);
  return check(
    name,
    [...totals.values()].reduce((sum, rows) => sum + rows, 0),
    examples,
  );
}

function disagreements({ tables }: Dataset): string[] {
  const { columns } = tables.snapshots;
  const agree = numbers(columns, 'levels_agree');
  const cases = [];
  for (let row = 0; row < columns.length; row++) {
    if (valueAt(agree, row) !== false) continue;
    const at = (name: string) => valueAt(strings(columns, name), row);
    const round = valueAt(numbers(columns, 'round_number'), row);
    const level = valueAt(numbers(columns, 'level'), row);
    cases.push(`admin${level}/${at('admin0_pcode')}: ${at('operation')}, round ${round}`);
  }
  return cases;
}

function unlistedOperations({ tables }: Dataset): string[] {
  const { columns } = tables.operations;
  const listed = statusByOperation(
    Array.from({ length: columns.length }, (_, row) => {
      const at = (name: string) => valueAt(strings(columns, name), row) as string;
      return {
        operation: at('operation'),
        admin0Pcode: at('admin0_pcode'),
        admin0Name: '',
        operationStatus: null,
      };
    }),
  );
  const seen = new Map<string, string>();
  const { columns: snapshots } = tables.snapshots;
  for (let row = 0; row < snapshots.length; row++) {
    const pair = ['admin0_pcode', 'operation'].map((name) => valueAt(strings(snapshots, name), row));
    seen.set(JSON.stringify(pair), pair.join(': '));
  }
  return [...seen].filter(([key]) => !listed.has(key)).map(([, words]) => words);
}

function nullFigures({ tables }: Dataset, table: LevelTable): QualityCheck {
  const { valid } = numbers(tables[table].columns, 'num_present_idp_ind');
  const nulls = valid?.reduce((count, is) => count + 1 - is, 0) ?? 0;
  return check(`rows of ${table} without a figure of persons present`, nulls, []);
}
