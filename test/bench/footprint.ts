// Bytes of our Parquet files, and of what DuckDB makes of the same rows in the same order.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TABLES } from '../../lib/table/schema.ts';
import { duckdb } from '../setting.ts';
import type { Release } from './exports.ts';
import { fresh } from './run-process.ts';

/** A whole table's two files. */
export interface Footprint {
  readonly table: string;
  readonly ours: number;
  readonly duckdb: number;
}

/** Measures all whole tables of a release, in a process of its own. */
export async function measureFootprints({ folder }: Release): Promise<Footprint[]> {
  const words = [import.meta.filename, folder];
  return JSON.parse((await fresh({ name: "DuckDB's Parquet", words })).said) as Footprint[];
}

async function footprintOf(table: string, file: string, copy: string): Promise<Footprint> {
  await duckdb(
    `COPY (SELECT * FROM read_parquet('${file}')) TO '${copy}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  return { table, ours: (await stat(file)).size, duckdb: (await stat(copy)).size };
}

if (import.meta.main) {
  const [folder = ''] = process.argv.slice(2);
  const temporary = await mkdtemp(join(tmpdir(), 'dtm-exporter-footprint-'));
  const found: Footprint[] = [];
  for (const table of TABLES) {
    const file = join(folder, `tables/${table}/${table}.parquet`);
    found.push(await footprintOf(table, file, join(temporary, `${table}.parquet`)));
  }
  await rm(temporary, { recursive: true });
  process.stdout.write(JSON.stringify(found));
}
