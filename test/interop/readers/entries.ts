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
  /** A text of blanks, tabs and line feeds alone is read as null. */
  readonly blankIsNull?: boolean;
  /** A file with line feeds in names cannot be read: what the error says. */
  readonly lineFeedError?: string;
  /** A character that the tool gives otherwise: from, to. */
  readonly rewrites?: readonly [string, string];
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

const ALL: readonly Form[] = [...PARQUET, ...CSV];
const EMPTY = 'the tool takes an empty text for a missing one';

const python = (name: string, script: string, more: Partial<Reader>): Reader => ({
  ...{ name, script, requirements: PYTHON, package: name, forms: ALL, allowances: [], notes: '' },
  ...more,
});

const duckdb = (age: string, requirements: string): Reader =>
  python(`DuckDB (${age})`, 'read_duckdb.py', {
    ...{ requirements, package: 'duckdb' },
    allowances: [{ forms: CSV, emptyIsNull: true, reason: EMPTY }],
    notes:
      'Whole CSV files need DuckDB 1.2.2 or newer, or 1.1.3 and older: 1.2.0 and 1.2.1 stop at the first doubled quote. Over https it needs the extension `httpfs`.',
  });

const FLOATS = 'integers with nulls become floats in pandas';

export const READERS: readonly Reader[] = [
  duckdb('newest', PYTHON),
  duckdb('between', 'readers/requirements-duckdb-between.txt'),
  duckdb('oldest', 'readers/requirements-duckdb-oldest.txt'),
  python('pandas', 'read_pandas.py', {
    allowances: [
      { forms: ALL, types: { integer: ['float'] }, reason: FLOATS },
      { forms: CSV, emptyIsNull: true, types: { date: ['text'], boolean: ['text'] }, reason: EMPTY },
    ],
    notes: 'Without these options names such as `NA` and `null` are lost. Dates of a CSV file are texts.',
  }),
  python('pyarrow', 'read_pyarrow.py', { notes: 'Names may hold line feeds.' }),
  python('polars', 'read_polars.py', { notes: 'Types are guessed from all rows.' }),
  python('Dask', 'read_dask.py', {
    package: 'dask',
    allowances: [
      { forms: ALL, types: { integer: ['float'] }, reason: FLOATS },
      { forms: CSV, emptyIsNull: true, types: { date: ['text'] }, reason: EMPTY },
    ],
    notes: 'Give the types of `schema.json`: it guesses from the first rows.',
  }),
  python('DataFusion', 'read_datafusion.py', {
    package: 'datafusion',
    allowances: [
      { forms: CSV, emptyIsNull: true, reason: EMPTY },
      {
        forms: CSV,
        lineFeedError: 'Encountered unequal len',
        reason: 'names with line feeds cannot be read',
      },
    ],
    notes: 'Types of CSV are guessed from so many rows.',
  }),
  python('ClickHouse', 'read_clickhouse.py', { package: 'chdb', notes: 'Say that a CSV file has a header.' }),
  python('PySpark', 'read_spark.py', {
    ...{ package: 'pyspark', requirements: 'readers/requirements-spark.txt' },
    notes: 'Needs Java 17 or newer. `escape` for doubled quotes, `multiLine` for line feeds in names.',
  }),
  python('openpyxl', 'read_openpyxl.py', {
    ...{ forms: ['workbook'], workbooks: ['AFG', 'COL', 'UKR'] },
    allowances: [
      {
        forms: ['workbook'],
        rewrites: ['\r', '_x000D_'],
        reason: 'it leaves escaped carriage returns as they are',
      },
    ],
    notes: 'Slow on many workbooks: the suite reads three of the full world.',
  }),
  python('python-calamine', 'read_calamine.py', {
    forms: ['workbook'],
    allowances: [
      {
        forms: ['workbook'],
        emptyIsNull: true,
        types: { integer: ['float'] },
        reason: 'blank cells and empty texts are both `""`, and every number is a float',
      },
    ],
    notes: '',
  }),
  {
    ...{ name: 'R', script: 'read_r.R', forms: [...CSV, 'workbook'] },
    allowances: [
      { forms: [...CSV, 'workbook'], emptyIsNull: true, reason: EMPTY },
      {
        forms: ['workbook'],
        blankIsNull: true,
        types: { date: ['time'] },
        reason: 'readxl takes a cell of blanks alone for a missing one, and gives dates a time of day',
      },
    ],
    notes: 'readr and readxl trim the blanks at the edges of names unless `trim_ws = FALSE`.',
  },
];
