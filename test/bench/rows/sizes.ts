// Report lines about growth with the number of rows, and about file sizes.
import type { Measurements } from '../measurements.ts';
import { exponent } from '../statistics.ts';
import { costOf } from './exports.ts';
import { type Line, seconds, targetLine, times, whole } from './line.ts';

export function growthLines(all: Measurements): Line[] {
  const points = [{ ...costOf(all, 'core'), rows: all.rows ?? 0 }, ...(all.growth ?? [])];
  const power = (kind: 'cpu' | 'wall') => exponent(points.map((point) => [point.rows, point[kind]]));
  const cpus = points.map(({ cpu }) => seconds(cpu)).join(', ');
  const bytes = points.map(({ rss, rows }) => (rss * 1e6) / rows);
  const steepest = Math.max(...bytes.slice(1).map((value, at) => value / (bytes[at] as number)));
  return [
    targetLine(`${points.map(({ rows }) => whole(rows)).join(', ')} rows, CPU`, {
      ...{ value: power('cpu'), target: 1.05, says: ['exponent 1.05'] },
      measured: `${cpus}: exponent ${power('cpu').toFixed(2)} (wall ${power('wall').toFixed(2)})`,
    }),
    targetLine('bytes of peak RSS a row at those', {
      ...{ value: steepest, target: 1, says: ['falling'] },
      measured: bytes.map(whole).join(', '),
    }),
    ...points.slice(-1).map(({ rss, rows }) =>
      targetLine(`peak RSS of ${whole(rows)} rows`, {
        ...{ value: rss, target: 1000, says: ['1,000 MB'], measured: `${whole(rss)} MB` },
      }),
    ),
  ];
}

export function parquetLines({ footprints = [] }: Measurements): Line[] {
  const sum = (writer: 'ours' | 'duckdb') =>
    footprints.reduce((total, footprint) => total + footprint[writer], 0);
  const value = sum('ours') / sum('duckdb');
  const tables = footprints.map(({ table, ours, duckdb }) => `${table} ${(ours / duckdb).toFixed(2)}`);
  return [
    targetLine('Parquet bytes of the whole tables', {
      ...{ value, target: 1.05, further: 1, says: ["1.05 x DuckDB's", 'smaller'] },
      measured: `${whole(sum('ours'))} = ${times(value, 3)} DuckDB's (${tables.join(', ')})`,
    }),
  ];
}
