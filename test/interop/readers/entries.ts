// The readers: how each one runs, and the differences that are the tool's own, each with its reason.

/** Kinds of files that a reader reads. */
export type Form = 'parquet' | 'parquet by country' | 'csv' | 'csv by country' | 'workbook';

/** Kinds of column values. */
export type Kind = 'text' | 'integer' | 'date' | 'boolean';

/** A difference that comes from the tool and not from the file. */
export interface Allowance {
  readonly forms: readonly Form[];
  /** Other types that the tool gives, by kind. Values are still compared. */
  readonly types?: Readonly<Partial<Record<Kind, readonly string[]>>>;
  /** The tool reads an empty text as null, so both are counted together. */
  readonly emptyIsNull?: boolean;
  /** The tool reads a text of blanks, tabs and line feeds as null. */
  readonly blankIsNull?: boolean;
  /** A part of the tool's error for a file with line feeds in names. */
  readonly lineFeedError?: string;
  /** Replacements that the tool makes in texts: from, to. */
  readonly rewrites?: readonly (readonly [string, string])[];
  readonly reason: string;
}

export interface Reader {
  readonly name: string;
  /** Its script, in this folder. */
  readonly script: string;
  /** Path of its environment's requirements, relative to `test/interop`; absent if Debian has the tool. */
  readonly requirements?: string;
  /** The package whose version is the reader's version. */
  readonly package?: string;
  readonly forms: readonly Form[];
  readonly allowances: readonly Allowance[];
  /** Countries whose workbooks it reads; absent means all. */
  readonly workbooks?: readonly string[];
  /** More arguments for the script. */
  readonly words?: readonly string[];
  /** Code lines for users, if those of the script are not suitable. */
  readonly lines?: readonly string[];
  /** The tool's command and Debian packages. */
  readonly debian?: { readonly command: string; readonly packages: readonly string[] };
  /** Advice for users of the tool. */
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
      '1.2.2 is the oldest that reads everything: 1.2.0 and 1.2.1 stop in whole CSV files at the first doubled quote. `read_csv(path, allow_quoted_nulls = false)` tells an empty text from a missing one. Over https it needs the extension `httpfs`. CSV files by country are read one at a time: before 2.0 a glob of them fails where a column of one country is empty.',
  });

const R = {
  command: 'Rscript',
  packages: ['r-base-core', 'r-cran-readr', 'r-cran-jsonlite', 'r-cran-readxl'],
};

/** A carriage return in a name becomes a line feed. */
const LINE_ENDS: Allowance['rewrites'] = [
  ['\r\n', '\n'],
  ['\r', '\n'],
];

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
  python('pyarrow', 'read_pyarrow.py', {
    notes: 'Names may hold line feeds; without the other options missing texts are empty ones.',
  }),
  python('polars', 'read_polars.py', {
    notes: 'Types are guessed from all rows: with the default, columns that begin empty become texts.',
  }),
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
  python('ClickHouse', 'read_clickhouse.py', {
    package: 'chdb',
    notes: 'Say that a CSV file has a header: of a table of texts it cannot guess it.',
  }),
  python('PySpark', 'read_spark.py', {
    ...{ package: 'pyspark', requirements: 'readers/requirements-spark.txt' },
    allowances: [{ forms: CSV, emptyIsNull: true, reason: EMPTY }],
    notes: 'Needs Java 17 or newer. `escape` for doubled quotes, `multiLine` for line feeds in names.',
  }),
  python('openpyxl', 'read_openpyxl.py', {
    ...{ forms: ['workbook'], workbooks: ['AFG', 'COL', 'UKR'] },
    allowances: [
      {
        forms: ['workbook'],
        rewrites: [['\r', '_x000D_']],
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
  python('GDAL', 'read_gdal.py', {
    ...{ package: 'pyogrio', forms: CSV },
    allowances: [
      {
        forms: CSV,
        emptyIsNull: true,
        types: { integer: ['text'], date: ['text'], boolean: ['text'] },
        rewrites: LINE_ENDS,
        reason: `${EMPTY}, every column for text, and ends lines within names by line feeds`,
      },
    ],
    notes:
      'Give the types of `schema.json` where you need them: `AUTODETECT_TYPE=YES` takes quoted codes of digits for numbers. The version is that of the wheel `pyogrio`, which brings GDAL without Parquet.',
  }),
  python('sqlite-utils', 'read_sqlite.py', {
    ...{ forms: ['csv'], words: ['--whole'] },
    allowances: [
      {
        forms: CSV,
        emptyIsNull: true,
        types: { integer: ['text'], date: ['text'], boolean: ['text'] },
        rewrites: LINE_ENDS,
        reason: `${EMPTY}, and ends lines within names by line feeds; SQLite has no dates and truths`,
      },
    ],
    notes: 'Unpack the file first (`gunzip`). Give the types of numbers: `--type idps integer`.',
  }),
  {
    ...{ name: 'hyparquet', script: 'read-hyparquet.ts', forms: PARQUET, allowances: [] },
    notes:
      'In a browser or in Node, by ranges over HTTP; ZSTD comes from `fzstd` or `hyparquet-compressors`.',
  },
  {
    ...{ name: 'parquet-wasm', script: 'read-parquet-wasm.ts', forms: PARQUET, allowances: [] },
    notes: 'In a browser or in Node; give it the bytes, and take Arrow.',
  },
  python('LibreOffice', 'read_libreoffice.py', {
    ...{ package: 'LibreOffice', forms: ['csv', 'workbook'], words: ['--whole'] },
    debian: { command: 'soffice', packages: ['libreoffice-calc-nogui'] },
    lines: ['soffice xlsx/HTI.xlsx', 'gunzip csv/snapshots.csv.gz && soffice csv/snapshots.csv'],
    workbooks: ['AFG', 'COL', 'UKR'],
    allowances: [
      { forms: ['csv'], rewrites: LINE_ENDS, reason: 'ends lines within names by line feeds' },
      { forms: ['workbook'], rewrites: [['\r\n', '\n']], reason: 'ends lines within names by line feeds' },
      {
        forms: ['csv', 'workbook'],
        emptyIsNull: true,
        types: { integer: ['text'], date: ['text'], boolean: ['text'] },
        reason: 'the suite reads what LibreOffice saves as CSV, in which all cells are texts',
      },
    ],
    notes:
      'Open CSV as UTF-8, with quoted fields as text. The suite reads three workbooks of the full world.',
  }),
  {
    ...{ name: 'R (base)', script: 'read_r.R', forms: CSV, words: ['--base'], debian: R },
    lines: ['read.csv(path, na.strings = "", encoding = "UTF-8", colClasses = c(reporting_date = "Date"))'],
    allowances: [
      {
        forms: CSV,
        emptyIsNull: true,
        types: { boolean: ['text'] },
        rewrites: LINE_ENDS,
        reason: `${EMPTY}, and ends lines within names by line feeds`,
      },
    ],
    notes:
      'Give `"character"` to columns of codes: a code of digits, even a quoted one, becomes a number. Over https: `gzcon(url(address), text = TRUE)`.',
  },
  {
    ...{ name: 'R', script: 'read_r.R', forms: [...CSV, 'workbook'], debian: R },
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
