// Checks a release's figures for what can be wrong, without knowing the true ones. The result depends only on the
// tables, their units and fields, the baseline of the recent releases and the day of the claim.
import { type Columns, numberColumn, stringColumn, valueAt } from '../../table/columns.ts';
import { statusByOperation } from '../../table/complete.ts';
import { dayNumber } from '../../table/ingest.ts';
import { check, checkCases, type QualityCheck } from './check.ts';
import { type FieldCounts, fieldChecks, unansweredCheck } from './coverage.ts';
import { computeFreshness, type Freshness } from './freshness.ts';
import { type GuardInput, guardChecks } from './guards.ts';

/** API: the assessment types seen or documented. */
const ASSESSMENT_TYPES = ['BA', 'ETT', 'FM', 'SA'];

/** Input of the checks. */
export interface QualityInput {
  readonly guarded: GuardInput;
  /** The whole table of snapshots, and the list of operations. */
  readonly snapshots: Columns;
  readonly operations: Columns;
  /** Checks of the rows of all levels. */
  readonly rowChecks: readonly QualityCheck[];
  readonly fields: readonly FieldCounts[];
  /** When the release was claimed, ISO 8601. */
  readonly claimedAt: string;
}

/** `quality.json`: all checks, and the freshness of every operation on the day of the claim. */
export interface Quality {
  readonly checks: readonly QualityCheck[];
  readonly freshness: readonly Freshness[];
}

export function assessQuality({
  guarded,
  snapshots,
  operations,
  rowChecks,
  fields,
  claimedAt,
}: QualityInput): Quality {
  const freshness = computeFreshness(snapshots, dayNumber(claimedAt));
  const unlisted = unlistedOperations(snapshots, operations);
  const checks = [
    unansweredCheck(guarded.units),
    ...fieldChecks(fields),
    ...guardChecks(guarded),
    checkCases('snapshots whose sum differs from level 0', 'snapshots', findDisagreements(snapshots)),
    checkCases('operations missing from the operation list', 'operations', unlisted),
    checkCases('assessment types never seen before', 'values', newAssessmentTypes(snapshots)),
    ...rowChecks,
    overdueCheck(freshness),
  ];
  return { checks, freshness };
}

function findDisagreements(columns: Columns): string[] {
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

/** The distinct combinations of values in these columns of the table of snapshots. */
function distinct(columns: Columns, names: readonly string[]): string[][] {
  const lists = names.map((name) => stringColumn(columns, name));
  const seen = new Set<string>();
  for (let row = 0; row < columns.length; row++)
    seen.add(JSON.stringify(lists.map((list) => valueAt(list, row))));
  return [...seen].map((key) => JSON.parse(key) as string[]);
}

function unlistedOperations(snapshots: Columns, columns: Columns): string[] {
  const listed = statusByOperation(
    Array.from({ length: columns.length }, (_, row) => {
      const text = (name: string) => valueAt(stringColumn(columns, name), row) as string;
      const [operation, admin0Pcode] = [text('operation'), text('admin0_pcode')];
      return { operation, admin0Pcode, admin0Name: '', operationStatus: null };
    }),
  );
  return distinct(snapshots, ['admin0_pcode', 'operation'])
    .filter((pair) => !listed.has(JSON.stringify(pair)))
    .map((pair) => pair.join(': '));
}

const newAssessmentTypes = (snapshots: Columns): string[] =>
  distinct(snapshots, ['assessment_type'])
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
