// The columns of the contract. They are a second copy of `lib/table/schema.ts` on purpose, so that a change there fails a test.
// `?` marks nullable columns.
import type { ApiVersion } from '../../lib/dtm/endpoints.ts';
import type { TableName } from '../../lib/table/schema.ts';

const text = (...names: readonly string[]): string[] => names.map((name) => `${name}: string`);
const texts = (...names: readonly string[]): string[] => names.map((name) => `${name}: string?`);
const int = (...names: readonly string[]): string[] => names.map((name) => `${name}: int32`);
const ints = (...names: readonly string[]): string[] => names.map((name) => `${name}: int32?`);
const longs = (...names: readonly string[]): string[] => names.map((name) => `${name}: int64?`);

const COUNTRY = text('admin0_name', 'admin0_pcode');
const DATE = 'reporting_date: date32[day]';

function levelColumns(level: 0 | 1 | 2, version: ApiVersion): string[] {
  const areas = ['admin1_name', 'admin1_pcode', 'admin2_name', 'admin2_pcode'].slice(0, 2 * level);
  const onlyV3 = (columns: readonly string[]) => (version === 'v3' ? columns : []);
  return [
    ...COUNTRY,
    ...texts(...areas),
    ...text('operation'),
    ...texts('operation_status'),
    ...text('assessment_type'),
    DATE,
    ...int('year_reporting_date', 'month_reporting_date', 'round_number'),
    ...onlyV3(texts('displacement_reason')),
    ...ints('num_present_idp_ind'),
    ...onlyV3(ints('number_males', 'number_females')),
    ...onlyV3(texts('idp_origin_admin1_name', 'idp_origin_admin1_pcode')),
    'is_latest: bool',
    ...ints('id'),
  ];
}

function snapshotColumns(version: ApiVersion): string[] {
  return [
    ...int('level'),
    ...text('admin0_pcode', 'operation', 'assessment_type'),
    DATE,
    ...int('round_number'),
    ...text('admin0_name'),
    ...texts('operation_status'),
    ...int('areas', 'rows'),
    ...longs('idps', ...(version === 'v3' ? ['males', 'females'] : [])),
    'is_latest: bool',
    ...ints('days_since_previous'),
    'levels_agree: bool?',
  ];
}

/** Every table's columns with their Arrow types, in order. */
export const arrowColumns = (version: ApiVersion): Record<TableName, readonly string[]> => ({
  admin0: levelColumns(0, version),
  admin1: levelColumns(1, version),
  admin2: levelColumns(2, version),
  snapshots: snapshotColumns(version),
  countries: COUNTRY,
  operations: [...COUNTRY, ...text('operation'), ...texts('operation_status')],
});

/** Names of these types in polars. */
export const POLARS_TYPES: Readonly<Record<string, string>> = {
  string: 'String',
  int32: 'Int32',
  int64: 'Int64',
  'date32[day]': 'Date',
  bool: 'Boolean',
};

/** A column's name and type, without the `?`. */
export const columnParts = (column: string): [name: string, type: string] =>
  column.replace(/\?$/, '').split(': ') as [string, string];
