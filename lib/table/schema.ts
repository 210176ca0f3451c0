// Defines every table: its columns and the order of its rows. Column types, CSV headers, Parquet schemas, `schema.json`
// and the table of columns in the docs are all made from these definitions.
import type { ApiVersion, Level } from '../dtm/endpoints.ts';
import {
  AREAS,
  COUNTRY,
  type ColumnSchema,
  HXL_PERSONS,
  ID,
  IS_LATEST,
  integerColumn,
  NULLABLE,
  ORIGIN,
  PRESENT,
  REASON,
  ROUND,
  SEXES,
  SNAPSHOT_KEY,
  YEAR_MONTH,
} from './definitions.ts';

/** A new nullable column or key raises the minor version, any other change the major one. */
export const SCHEMA_VERSION = '1.0.0';

export const LEVEL_TABLES = ['admin0', 'admin1', 'admin2'] as const;
export type LevelTable = (typeof LEVEL_TABLES)[number];

/** All tables, in the order in which they are hashed and listed. */
export const TABLES = [...LEVEL_TABLES, 'snapshots', 'countries', 'operations'] as const;
export type TableName = (typeof TABLES)[number];

export interface TableSchema {
  readonly name: TableName;
  readonly description: string;
  readonly columns: readonly ColumnSchema[];
  /** The names of all columns; rows are sorted by the first one first. */
  readonly sortBy: readonly string[];
}

const LEVEL_SORT = [
  'admin0_pcode',
  'operation',
  'assessment_type',
  'reporting_date',
  'round_number',
  'admin1_pcode',
  'admin1_name',
  'admin2_pcode',
  'admin2_name',
  'displacement_reason',
  'idp_origin_admin1_pcode',
  'idp_origin_admin1_name',
];

const LEVEL_TEXT: Record<Level, string> = {
  0: 'Internally displaced persons by country.',
  1: 'Internally displaced persons by first-level area.',
  2: 'Internally displaced persons by second-level area.',
};

function levelSchema(level: Level, version: ApiVersion): TableSchema {
  const areas = LEVEL_TABLES.slice(1, level + 1).flatMap((_, i) => AREAS[(i + 1) as Level]);
  const columns = [
    ...COUNTRY,
    ...areas,
    ...SNAPSHOT_KEY,
    ...YEAR_MONTH,
    ROUND,
    ...(version === 'v3' ? [REASON] : []),
    PRESENT,
    ...(version === 'v3' ? [...SEXES, ...ORIGIN] : []),
    IS_LATEST,
    ID,
  ];
  const names = columns.map((column) => column.name);
  const leading = LEVEL_SORT.filter((name) => names.includes(name));
  return {
    name: `admin${level}`,
    description: `${LEVEL_TEXT[level]} Every row that the API sent; levels repeat the same people: never add across levels.`,
    columns,
    sortBy: [...leading, ...names.filter((name) => !leading.includes(name))],
  };
}

function snapshotsSchema(version: ApiVersion): TableSchema {
  const [name, pcode] = COUNTRY as [ColumnSchema, ColumnSchema];
  const [operation, status, assessment, date] = SNAPSHOT_KEY;
  const sumColumn = (column: string, what: string, hxl: string): ColumnSchema => ({
    name: column,
    type: 'int64',
    nullable: true,
    unit: 'persons',
    hxl,
    description: `${what}, summed over the snapshot's rows; null unless every row has a figure.`,
  });
  const columns = [
    integerColumn(
      'level',
      'Administrative level, 0 to 2. Levels repeat the same people: never add across levels.',
      {
        hxl: '#adm+level',
      },
    ),
    pcode,
    operation,
    assessment,
    date,
    ROUND,
    name,
    status,
    integerColumn('areas', 'Areas named in the snapshot, by P-code or else by name; 1 at level 0.'),
    integerColumn('rows', "The snapshot's rows: area by reason by origin."),
    sumColumn('idps', 'Internally displaced persons present', HXL_PERSONS.all),
    ...(version === 'v3'
      ? [
          sumColumn('males', 'Males among them', HXL_PERSONS.males),
          sumColumn('females', 'Females among them', HXL_PERSONS.females),
        ]
      : []),
    IS_LATEST,
    integerColumn('days_since_previous', 'Days since the snapshot before; null for the first.', NULLABLE),
    {
      name: 'levels_agree',
      type: 'boolean',
      nullable: true,
      description: "This level's sum equals the same snapshot's at level 0; null where either is missing.",
    },
  ] satisfies ColumnSchema[];
  return {
    name: 'snapshots',
    description:
      'One row a snapshot: level, country, operation, assessment type, reporting date and round, with its totals.',
    columns,
    sortBy: columns.map((column) => column.name),
  };
}

function listSchema(
  table: 'countries' | 'operations',
  description: string,
  columns: ColumnSchema[],
): TableSchema {
  return { name: table, description, columns, sortBy: columns.map((column) => column.name) };
}

type Tables = Readonly<Record<TableName, TableSchema>>;

const tablesByVersion = new Map<ApiVersion, Tables>();

/** The tables of a dataset that uses this version of the API. */
export function tablesOf(version: ApiVersion): Tables {
  const tables = tablesByVersion.get(version) ?? makeTables(version);
  tablesByVersion.set(version, tables);
  return tables;
}

function makeTables(version: ApiVersion): Tables {
  const [operation, status] = SNAPSHOT_KEY;
  const listed = { ...status, field: 'operationStatus', description: '"Active" or "Inactive", as listed.' };
  return {
    admin0: levelSchema(0, version),
    admin1: levelSchema(1, version),
    admin2: levelSchema(2, version),
    snapshots: snapshotsSchema(version),
    countries: listSchema('countries', 'The countries that the API lists.', COUNTRY),
    operations: listSchema('operations', 'The operations that the API lists.', [
      ...COUNTRY,
      operation,
      listed,
    ]),
  };
}
