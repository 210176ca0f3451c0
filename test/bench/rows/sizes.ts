// How cost grows with rows, and what files weigh.

import type { Measured } from '../measurements.ts';
import { exponent } from '../statistics.ts';
import { costOf } from './exports.ts';
import { aimed, type Line, seconds, times, whole } from './line.ts';

export function growthLines(all: Measured): Line[] {
  const points = [{ ...costOf(all, 'core'), rows: all.rows ?? 0 }, ...(all.growth ?? [])];
  const power = (kind: 'cpu' | 'wall') => exponent(points.map((point) => [point.rows, point[kind]]));
  const cpus = points.map(({ cpu }) => seconds(cpu)).join(', ');
  const bytes = points.map(({ rss, rows }) => (rss * 1e6) / rows);
  const steepest = Math.max(...bytes.slice(1).map((each, at) => each / (bytes[at] as number)));
  return [
    aimed(`${points.map(({ rows }) => whole(rows)).join(', ')} rows, CPU`, {
      ...{ value: power('cpu'), target: 1.05, says: ['exponent 1.05'] },
      measured: `${cpus}: exponent ${power('cpu').toFixed(2)} (wall ${power('wall').toFixed(2)})`,
    }),
    aimed('bytes of peak RSS a row at those', {
      ...{ value: steepest, target: 1, says: ['falling'] },
      measured: bytes.map(whole).join(', '),
    }),
  ];
}

export function parquetLines({ footprints = [] }: Measured): Line[] {
  const sum = (of: 'ours' | 'duckdb') => footprints.reduce((total, each) => total + each[of], 0);
  const value = sum('ours') / sum('duckdb');
  const tables = footprints.map(({ table, ours, duckdb }) => `${table} ${(ours / duckdb).toFixed(2)}`);
  return [
    aimed('Parquet bytes of the whole tables', {
      ...{ value, target: 1.05, further: 1, says: ["1.05 x DuckDB's", 'smaller'] },
      measured: `${whole(sum('ours'))} = ${times(value, 3)} DuckDB's (${tables.join(', ')})`,
    }),
  ];
}
