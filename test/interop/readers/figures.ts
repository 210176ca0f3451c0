// Shared by the Node readers: reads the Parquet files of a release over HTTP, and prints the same column statistics as reading.py.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveDataset } from '../../../lib/read/serve.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import type { Figures } from './compare.ts';
import type { Kind } from './entries.ts';

/** Values by column: dates as `Date` or days, whole numbers as numbers or bigints. */
export type Columns = Readonly<Record<string, readonly unknown[]>>;

/** Reads the Parquet file at an address. */
export type ReadParquet = (address: string, columns: readonly string[]) => Promise<Columns>;

interface SchemaTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  ...{ string: 'text', int32: 'integer', int64: 'integer', date: 'date', boolean: 'boolean' },
};
const LEVELS = ['admin0', 'admin1', 'admin2'];
const printJson = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** Serves the release as `serve` does, reads every Parquet file with `read`, and prints the statistics. */
export async function readAll(version: string, read: ReadParquet): Promise<void> {
  const [, , release = '', ...args] = process.argv;
  const server = await serveDataset(folderStore(release), { port: 0 });
  printJson({ version });
  const { tables }: { tables: SchemaTable[] } = JSON.parse(
    await readFile(join(release, 'schema.json'), 'utf8'),
  );
  for (const { name, columns } of tables) {
    const folder = join(release, 'parquet', name);
    const folders = LEVELS.includes(name) ? (await readdir(folder)).sort() : [];
    const paths = folders.map((countryFolder) => [
      countryFolder.slice('country='.length),
      `parquet/${name}/${countryFolder}/${name}-${countryFolder.slice(8)}.parquet`,
    ]);
    for (const [country = '', path] of [['', `tables/${name}/${name}.parquet`], ...paths]) {
      const found = await read(
        `${server.url}${path}`,
        columns.map((column) => column.name),
      );
      const described = columns.map(({ name: column, type }) => [
        column,
        figuresOf(KINDS[type] as Kind, found[column] ?? [], args.includes('--values')),
      ]);
      const form = country === '' ? 'parquet' : 'parquet by country';
      const rows = found[columns[0]?.name ?? '']?.length ?? 0;
      printJson({ form, table: name, country, rows, columns: Object.fromEntries(described) });
    }
  }
  await server.close();
}

const MS_PER_DAY = 86_400_000;
const TYPES: Readonly<Record<string, Kind>> = {
  string: 'text',
  number: 'integer',
  bigint: 'integer',
  boolean: 'boolean',
};

function figuresOf(kind: Kind, values: readonly unknown[], withValues: boolean): Figures {
  const present = values.filter((value) => value !== null && value !== undefined);
  const common = { kind, as: typeOf(kind, present[0]), nulls: values.length - present.length };
  if (kind === 'integer')
    return { ...common, sum: present.reduce((sum: number, value) => sum + Number(value), 0) };
  if (kind === 'boolean') return { ...common, true: present.filter((value) => value === true).length };
  if (kind === 'date') return { ...common, ...datesOf(present.map((value) => Number(value) / MS_PER_DAY)) };
  const counts = new Map<string, number>();
  for (const value of present) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const bytes = [...counts].reduce((sum, [text, count]) => sum + Buffer.byteLength(text) * count, 0);
  const figures = { ...common, empty: counts.get('') ?? 0, distinct: counts.size, bytes };
  return withValues ? { ...figures, values: [...counts] } : figures;
}

const typeOf = (kind: Kind, value: unknown): string =>
  kind === 'date' && (value instanceof Date || typeof value === 'number')
    ? 'date'
    : (TYPES[typeof value] ?? typeof value);

function datesOf(days: readonly number[]) {
  const day = (at: number): string => new Date(at * MS_PER_DAY).toISOString().slice(0, 10);
  const [least, most] = days.reduce(
    ([low, high], at) => [Math.min(low, at), Math.max(high, at)],
    [Infinity, -Infinity],
  );
  const ends = days.length === 0 ? { min: null, max: null } : { min: day(least), max: day(most) };
  return { ...ends, days: days.reduce((sum, at) => sum + at, 0) };
}
