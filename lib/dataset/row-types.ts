// The types of rows. A test compares these columns with the schema of `lib/table`. Programs import their types only, so
// the columns themselves are in no bundle.

type Kind = 'string' | 'int32' | 'int64' | 'date' | 'boolean';

/** The type of a column of the schema, with `?` if it is nullable. */
export type ColumnKind = Kind | `${Kind}?`;

const COUNTRY = { admin0_name: 'string', admin0_pcode: 'string' } as const;
const ADMIN1 = { admin1_name: 'string?', admin1_pcode: 'string?' } as const;
const ADMIN2 = { ...ADMIN1, admin2_name: 'string?', admin2_pcode: 'string?' } as const;

const COUNT = {
  operation: 'string',
  operation_status: 'string?',
  assessment_type: 'string',
  reporting_date: 'date',
  year_reporting_date: 'int32',
  month_reporting_date: 'int32',
  round_number: 'int32',
  num_present_idp_ind: 'int32?',
  is_latest: 'boolean',
  id: 'int32?',
} as const;

const V3_COUNT = {
  ...COUNT,
  displacement_reason: 'string?',
  number_males: 'int32?',
  number_females: 'int32?',
  idp_origin_admin1_name: 'string?',
  idp_origin_admin1_pcode: 'string?',
} as const;

const SNAPSHOTS = {
  level: 'int32',
  admin0_pcode: 'string',
  operation: 'string',
  assessment_type: 'string',
  reporting_date: 'date',
  round_number: 'int32',
  admin0_name: 'string',
  operation_status: 'string?',
  areas: 'int32',
  rows: 'int32',
  idps: 'int64?',
  is_latest: 'boolean',
  days_since_previous: 'int32?',
  levels_agree: 'boolean?',
} as const;

const LISTS = {
  countries: COUNTRY,
  operations: { ...COUNTRY, operation: 'string', operation_status: 'string?' },
} as const;

/** Every column of every table, by version of the API. */
export const TABLE_COLUMNS = {
  v3: {
    admin0: { ...COUNTRY, ...V3_COUNT },
    admin1: { ...COUNTRY, ...ADMIN1, ...V3_COUNT },
    admin2: { ...COUNTRY, ...ADMIN2, ...V3_COUNT },
    snapshots: { ...SNAPSHOTS, males: 'int64?', females: 'int64?' },
    ...LISTS,
  },
  v2: {
    admin0: { ...COUNTRY, ...COUNT },
    admin1: { ...COUNTRY, ...ADMIN1, ...COUNT },
    admin2: { ...COUNTRY, ...ADMIN2, ...COUNT },
    snapshots: SNAPSHOTS,
    ...LISTS,
  },
} as const satisfies Record<string, Record<string, Record<string, ColumnKind>>>;

type TableColumns = typeof TABLE_COLUMNS;

/** Version of the DTM API from which a dataset was made. */
export type ApiVersion = keyof TableColumns;

/** The tables of a release. */
export type TableName = keyof TableColumns['v3'];

interface Values {
  readonly string: string;
  readonly int32: number;
  readonly int64: number;
  readonly date: string;
  readonly boolean: boolean;
}

type ValueOf<K> = K extends keyof Values
  ? Values[K]
  : K extends `${infer N extends Kind}?`
    ? Values[N] | null
    : never;

/** A row of a table. Dates are texts such as `2025-06-30`; a missing value is null. */
export type Row<T extends TableName = TableName, V extends ApiVersion = 'v3'> = {
  readonly [C in keyof TableColumns[V][T]]: ValueOf<TableColumns[V][T][C]>;
};

/** The names of a table's columns. */
export type ColumnName<T extends TableName, V extends ApiVersion = 'v3'> = keyof Row<T, V> & string;
