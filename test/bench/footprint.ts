// Compares the size of our Parquet files with DuckDB's Parquet files of the same rows in the same order.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TABLES } from '../../lib/table/schema.ts';
import { duckdb } from '../setting.ts';
import type { Release } from './exports.ts';
import { runProcess } from './run-process.ts';

/** Bytes of a whole table's two files. */
export interface Footprint {
  readonly table: string;
  readonly ours: number;
  readonly duckdb: number;
}

/** Measures all whole tables of a release in a separate process. */
export async function measureFootprints({ folder }: Release): Promise<Footprint[]> {
  const args = [import.meta.filename, folder];
  return JSON.parse((await runProcess({ name: "DuckDB's Parquet", args })).stdout) as Footprint[];
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
  const footprints: Footprint[] = [];
  for (const table of TABLES) {
    const file = join(folder, `tables/${table}/${table}.parquet`);
    footprints.push(await footprintOf(table, file, join(temporary, `${table}.parquet`)));
  }
  await rm(temporary, { recursive: true });
  process.stdout.write(JSON.stringify(footprints));
}
