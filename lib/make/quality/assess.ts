// Checks a release's figures for what can be wrong, without knowing the true ones. The result depends only on the
// dataset, its units and fields, the baseline of the recent releases and the day of the claim.
import type { ManifestUnit } from '../../release/manifest.ts';
import { numberColumn, stringColumn, valueAt } from '../../table/columns.ts';
import { statusByOperation } from '../../table/complete.ts';
import { dayNumber } from '../../table/ingest.ts';
import { LEVEL_TABLES } from '../../table/schema.ts';
import type { Dataset } from '../dataset.ts';
import { check, checkCases, type QualityCheck } from './check.ts';
import { type FieldCounts, fieldChecks, unansweredCheck } from './coverage.ts';
import { computeFreshness, type Freshness } from './freshness.ts';
import { type Baseline, guardChecks } from './guards.ts';
import { rowChecks } from './row-checks.ts';

/** API: the assessment types seen or documented. */
const ASSESSMENT_TYPES = ['BA', 'ETT', 'FM', 'SA'];

/** Input of the checks. */
export interface QualityInput {
  readonly dataset: Dataset;
  readonly units: readonly ManifestUnit[];
  readonly fields: readonly FieldCounts[];
  readonly baseline: Baseline;
  /** When the release was claimed, ISO 8601. */
  readonly claimedAt: string;
}

/** `quality.json`: all checks, and the freshness of every operation on the day of the claim. */
export interface Quality {
  readonly checks: readonly QualityCheck[];
  readonly freshness: readonly Freshness[];
}

export function assessQuality({ dataset, units, fields, baseline, claimedAt }: QualityInput): Quality {
  const today = dayNumber(claimedAt);
  const freshness = computeFreshness(dataset.tables.snapshots.columns, today);
  const checks = [
    unansweredCheck(units),
    ...fieldChecks(fields),
    ...guardChecks({ dataset, units, baseline }),
    checkCases('snapshots whose sum differs from level 0', 'snapshots', findDisagreements(dataset)),
    checkCases('operations missing from the operation list', 'operations', unlistedOperations(dataset)),
    checkCases('assessment types never seen before', 'values', newAssessmentTypes(dataset)),
    ...LEVEL_TABLES.flatMap((table) => rowChecks(table, dataset.tables[table], today)),
    overdueCheck(freshness),
  ];
  return { checks, freshness };
}

function findDisagreements({ tables }: Dataset): string[] {
  const { columns } = tables.snapshots;
  const agree = numberColumn(columns, 'levels_agree');
  const cases = [];
  for (let row = 0; row < columns.length; row++) {
    if (valueAt(agree, row) !== false) continue;
    const text = (name: string) => valueAt(stringColumn(columns, name), row);
    const round = valueAt(numberColumn(columns, 'round_number'), row);
    const level = valueAt(numberColumn(columns, 'level'), row);
    cases.push(`admin${level}/${text('admin0_pcode')}: ${text('operation')}, round ${round}`);
  }
  return cases;
}

/** The distinct combinations of values in these columns of the snapshots table. */
function distinct({ tables }: Dataset, names: readonly string[]): string[][] {
  const { columns } = tables.snapshots;
  const lists = names.map((name) => stringColumn(columns, name));
  const seen = new Set<string>();
  for (let row = 0; row < columns.length; row++)
    seen.add(JSON.stringify(lists.map((list) => valueAt(list, row))));
  return [...seen].map((key) => JSON.parse(key) as string[]);
}

function unlistedOperations(dataset: Dataset): string[] {
  const { columns } = dataset.tables.operations;
  const listed = statusByOperation(
    Array.from({ length: columns.length }, (_, row) => {
      const text = (name: string) => valueAt(stringColumn(columns, name), row) as string;
      const [operation, admin0Pcode] = [text('operation'), text('admin0_pcode')];
      return { operation, admin0Pcode, admin0Name: '', operationStatus: null };
    }),
  );
  return distinct(dataset, ['admin0_pcode', 'operation'])
    .filter((pair) => !listed.has(JSON.stringify(pair)))
    .map((pair) => pair.join(': '));
}

const newAssessmentTypes = (dataset: Dataset): string[] =>
  distinct(dataset, ['assessment_type'])
    .flat()
    .filter((type) => !ASSESSMENT_TYPES.includes(type));

/** Operations with the status Active whose newest figures are older than twice their usual interval. */
function overdueCheck(freshness: readonly Freshness[]): QualityCheck {
  const overdueOperations = freshness.filter(
    ({ overdue, operation_status }) => overdue === true && operation_status === 'Active',
  );
  const examples = overdueOperations.map(
    ({ country, operation, age_days, usual_days }) =>
      `${country}: ${operation}, ${age_days} days old, usually every ${usual_days}`,
  );
  return check('active operations that are overdue', overdueOperations.length, {
    unit: 'operations',
    examples,
  });
}
