// The views of both SQL files: common questions that are easy to get wrong, answered in SQL that Trino and DuckDB both
// read. A sum is null unless every row has a value, as in the snapshots table.
import type { ApiVersion } from '../../dtm/endpoints.ts';
import { LEVEL_TABLES, type TableName } from '../../table/schema.ts';

export interface View {
  readonly name: string;
  readonly description: string;
  /** A query without `;`. */
  readonly query: string;
}

/** Quotes a table's name for the SQL dialect. */
export type FormatTableName = (table: TableName) => string;

const SERIES_COLUMNS = ['admin0_pcode', 'operation', 'assessment_type'];
const SNAPSHOT_COLUMNS = [...SERIES_COLUMNS, 'reporting_date', 'round_number'];

const quote = (name: string): string => `"${name}"`;
const list = (names: readonly string[]): string => names.map(quote).join(', ');
const measureNames = (version: ApiVersion): string[] =>
  version === 'v3' ? ['idps', 'males', 'females'] : ['idps'];

/** The views over the tables of one API version, in an order in which they can be created. */
export function viewsOf(version: ApiVersion, name: FormatTableName): View[] {
  return [
    latestSnapshots(version, name),
    ...LEVEL_TABLES.map((_, level) => areaTotals(version, level, name)),
    operationSeries(version, name),
    operationFreshness(name),
  ];
}

function latestSnapshots(version: ApiVersion, name: FormatTableName): View {
  const columns = [
    ...SERIES_COLUMNS,
    'admin0_name',
    'operation_status',
    'reporting_date',
    'round_number',
    'level',
  ];
  return {
    name: 'latest_snapshots',
    description:
      'One row for each operation and assessment type: its newest snapshot, at the least level that has it. Do not add rows of one country: they count the same people.',
    query: `SELECT ${list([...columns, 'areas', ...measureNames(version)])}
FROM (
  SELECT *, row_number() OVER (
    PARTITION BY ${list(SERIES_COLUMNS)} ORDER BY "reporting_date" DESC, "round_number" DESC, "level"
  ) AS "place"
  FROM ${name('snapshots')} WHERE "is_latest"
) AS "placed"
WHERE "place" = 1`,
  };
}

const MEASURE_COLUMNS = {
  idps: 'num_present_idp_ind',
  males: 'number_males',
  females: 'number_females',
} as const;

function areaTotals(version: ApiVersion, level: number, name: FormatTableName): View {
  const areas = LEVEL_TABLES.slice(1, level + 1);
  const keys = areas.flatMap((area) => [
    quote(`${area}_pcode`),
    `CASE WHEN "${area}_pcode" IS NULL THEN "${area}_name" END`,
  ]);
  const sums = (Object.keys(MEASURE_COLUMNS) as (keyof typeof MEASURE_COLUMNS)[])
    .filter((sum) => measureNames(version).includes(sum))
    .map((sum) => {
      const column = quote(MEASURE_COLUMNS[sum]);
      return `CASE WHEN count(*) = count(${column}) THEN CAST(sum(${column}) AS bigint) END AS "${sum}"`;
    });
  const columns = [
    ...SNAPSHOT_COLUMNS.map(quote),
    `min("admin0_name") AS "admin0_name"`,
    ...areas.flatMap((area) => [`"${area}_pcode"`, `min("${area}_name") AS "${area}_name"`]),
    `min("operation_status") AS "operation_status"`,
    `count(*) AS "rows"`,
    ...sums,
    `bool_and("is_latest") AS "is_latest"`,
  ];
  const added = version === 'v3' ? 'Reasons and origins are added up. ' : '';
  return {
    name: `admin${level}_totals`,
    description: `One row for each ${level === 0 ? 'country' : 'area'} within a snapshot. ${added}Add areas of one snapshot, never operations, assessment types or dates.`,
    query: `SELECT
  ${columns.join(',\n  ')}
FROM ${name(`admin${level}` as TableName)}
GROUP BY ${[...SNAPSHOT_COLUMNS.map(quote), ...keys].join(', ')}`,
  };
}

function operationSeries(version: ApiVersion, name: FormatTableName): View {
  const previous = (column: string) =>
    `lag("${column}") OVER (PARTITION BY ${list(SERIES_COLUMNS)} ORDER BY "reporting_date", "round_number")`;
  return {
    name: 'operation_series',
    description:
      'A time series for each operation and assessment type: one row a snapshot, at the least level that has it, with the change since the one before. A stock at each date: never add dates.',
    query: `SELECT ${list([...SNAPSHOT_COLUMNS, 'admin0_name', 'operation_status', 'level', 'areas', ...measureNames(version)])},
  date_diff('day', ${previous('reporting_date')}, "reporting_date") AS "days_since_previous",
  "idps" - ${previous('idps')} AS "change_since_previous"
FROM (
  SELECT *, row_number() OVER (PARTITION BY ${list(SNAPSHOT_COLUMNS)} ORDER BY "level") AS "place"
  FROM ${name('snapshots')}
) AS "placed"
WHERE "place" = 1`,
  };
}

/** As in `status`, the usual interval is the median (the lower of two) at the level with the most intervals. */
function operationFreshness(name: FormatTableName): View {
  const same = SERIES_COLUMNS.map((key) => `"newest"."${key}" = "usual"."${key}"`).join(' AND ');
  return {
    name: 'operation_freshness',
    description:
      'For each operation and assessment type the days since its newest snapshot against its usual interval (the median). Overdue means older than twice that. Active does not mean fresh.',
    query: `WITH "intervals" AS (
  SELECT ${list([...SERIES_COLUMNS, 'level'])}, "days_since_previous" AS "days",
    row_number() OVER (PARTITION BY ${list([...SERIES_COLUMNS, 'level'])} ORDER BY "days_since_previous") AS "place",
    count(*) OVER (PARTITION BY ${list([...SERIES_COLUMNS, 'level'])}) AS "intervals"
  FROM ${name('snapshots')} WHERE "days_since_previous" > 0
), "medians" AS (
  SELECT *, row_number() OVER (PARTITION BY ${list(SERIES_COLUMNS)} ORDER BY "intervals" DESC, "level") AS "choice"
  FROM "intervals" WHERE 2 * "place" IN ("intervals", "intervals" + 1)
), "usual" AS (
  SELECT ${list(SERIES_COLUMNS)}, "days" AS "usual_days" FROM "medians" WHERE "choice" = 1
), "newest" AS (
  SELECT ${list(SERIES_COLUMNS)}, min("admin0_name") AS "admin0_name", min("operation_status") AS "operation_status",
    max("reporting_date") AS "last_date", date_diff('day', max("reporting_date"), current_date) AS "age_days"
  FROM ${name('snapshots')} GROUP BY ${list(SERIES_COLUMNS)}
)
SELECT ${SERIES_COLUMNS.map((key) => `"newest"."${key}"`).join(', ')}, "admin0_name", "operation_status",
  "last_date", "age_days", "usual_days", "age_days" > 2 * "usual_days" AS "overdue"
FROM "newest" LEFT JOIN "usual" ON ${same}`,
  };
}
