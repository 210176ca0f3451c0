// The changed rows of all levels as one table, for CSV: the columns of the lowest level's change log, and the table.
import { csvHeader, renderCsv } from '../../format/csv.ts';
import type { CountryChanges } from '../../make/changes/country-changes.ts';
import type { Manifest } from '../../release/manifest.ts';
import { changesSchema } from '../../table/changes.ts';
import { type Columns, createColumn } from '../../table/columns.ts';
import { type ColumnSchema, textColumn } from '../../table/definitions.ts';
import { tablesOf } from '../../table/schema.ts';

type ApiVersion = Manifest['api_version'];

/** `table`, then the columns of `changes/admin2.parquet`. A level without an area column has nothing there. */
const changedRowsSchema = (version: ApiVersion): ColumnSchema[] => [
  textColumn('table', 'The table whose row it is.'),
  ...changesSchema(tablesOf(version).admin2),
];

/** Writes the changed rows of country after country as CSV, with one header. */
export interface ChangedRowsWriter {
  /** Writes the rows of a country: by table, then in the order of the key. */
  readonly add: (version: ApiVersion, changes: CountryChanges) => Promise<void>;
  /** Writes the header if there was no country. */
  readonly end: (version: ApiVersion) => Promise<void>;
}

/** Creates a writer. `write` takes whole lines. */
export function createChangedRowsWriter(
  write: (bytes: Uint8Array | string) => Promise<void>,
): ChangedRowsWriter {
  let hasHeader = false;
  const begin = async (version: ApiVersion): Promise<void> => {
    if (!hasHeader) await write(csvHeader(changedRowsSchema(version)));
    hasHeader = true;
  };
  return {
    add: async (version, { rows }) => {
      await begin(version);
      const schema = changedRowsSchema(version);
      for (const [table, columns] of rows) await write(renderCsv(schema, widen(schema, table, columns)));
    },
    end: begin,
  };
}

function widen(schema: readonly ColumnSchema[], table: string, { length, byName }: Columns): Columns {
  const column = ({ name, type }: ColumnSchema) =>
    name === 'table'
      ? createColumn('string', Array(length).fill(table))
      : (byName.get(name) ?? createColumn(type, Array(length).fill(null)));
  return { length, byName: new Map(schema.map((one) => [one.name, column(one)])) };
}
