// The readers: what runs each, and what a tool by its nature cannot tell, said narrowly and with its reason.

/** The files that a reader is tried on. */
export type Form = 'parquet' | 'parquet by country' | 'csv' | 'csv by country' | 'workbook';

/** What the values of a column are. */
export type Kind = 'text' | 'integer' | 'date' | 'boolean';

/** A difference that is the tool's and not the file's. */
export interface Allowance {
  readonly forms: readonly Form[];
  /** Types other than the schema's that the tool gives, by kind; values are compared all the same. */
  readonly types?: Readonly<Partial<Record<Kind, readonly string[]>>>;
  /** An empty text is read as null: both are counted together. */
  readonly emptyIsNull?: boolean;
  readonly reason: string;
}

export interface Reader {
  readonly name: string;
  /** Beside this file. */
  readonly script: string;
  /** Path of the requirements of its environment, from `test/interop`; absent where Debian brings the tool. */
  readonly requirements?: string;
  /** The package among them that its version is read from. */
  readonly package?: string;
  readonly forms: readonly Form[];
  readonly allowances: readonly Allowance[];
  /** The countries whose workbooks it reads; absent: all. */
  readonly workbooks?: readonly string[];
  /** What a person must know. */
  readonly notes: string;
}

const PARQUET: readonly Form[] = ['parquet', 'parquet by country'];
const CSV: readonly Form[] = ['csv', 'csv by country'];
const PYTHON = 'readers/requirements.txt';

const duckdb = (age: string, requirements: string): Reader => ({
  ...{ name: `DuckDB (${age})`, script: 'read_duckdb.py', requirements, package: 'duckdb' },
  ...{ forms: [...PARQUET, ...CSV] },
  allowances: [
    {
      forms: CSV,
      emptyIsNull: true,
      reason: 'DuckDB takes `""` for null unless `allow_quoted_nulls = false`',
    },
  ],
  notes: 'Read `parquet/<table>`, not `parquet/`. Over https it needs the extension httpfs.',
});

export const READERS: readonly Reader[] = [
  duckdb('newest', PYTHON),
  duckdb('between', 'readers/requirements-duckdb-between.txt'),
  duckdb('oldest', 'readers/requirements-duckdb-oldest.txt'),
];
