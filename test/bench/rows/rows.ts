// The rows of the report in order, by their names for `--rows`: the measurements that each needs, and its lines.
import type { Measurements, Need } from '../measurements.ts';
import * as exports from './exports.ts';
import { coldLines, latencyLines, publishLines } from './latency-and-lambda.ts';
import type { Line } from './line.ts';
import { growthLines, parquetLines } from './sizes.ts';

interface Row {
  readonly needs: readonly Need[];
  readonly lines: (all: Measurements) => readonly Line[];
}

const { extraLines } = exports;

export const ROWS = {
  export: { needs: ['core'], lines: exports.exportLines },
  wall: { needs: ['zipped'], lines: exports.wallLines },
  csv: { needs: ['core', 'csv'], lines: (all) => extraLines(all, 'gzip of CSV', ['csv', 'core']) },
  raw: {
    needs: ['csv', 'zipped'],
    lines: (all) => extraLines(all, 'gzip of raw answers', ['zipped', 'csv']),
  },
  workbooks: { needs: ['zipped', 'all'], lines: exports.workbookLines },
  everything: { needs: ['all'], lines: exports.everythingLines },
  day: { needs: ['all', 'day'], lines: exports.dayLines },
  'day-download': { needs: ['all', 'day', 'download'], lines: exports.downloadLines },
  changes: { needs: ['core', 'changed'], lines: exports.changesLines },
  python: { needs: ['zipped', 'script'], lines: exports.pythonLines },
  memory: { needs: ['core'], lines: exports.memoryLines },
  growth: { needs: ['core', 'growth'], lines: growthLines },
  parquet: { needs: ['core', 'footprints'], lines: parquetLines },
  latency: { needs: ['latency'], lines: latencyLines },
  unchanged: { needs: ['core', 'unchanged'], lines: exports.unchangedLines },
  cold: { needs: ['imports'], lines: coldLines },
  publish: { needs: ['all', 'publish'], lines: publishLines },
} as const satisfies Readonly<Record<string, Row>>;

export type RowName = keyof typeof ROWS;

/** All names, in the order of the report. */
export const ROW_NAMES = Object.keys(ROWS) as RowName[];

/** All measurements that these rows need. */
export const needsOf = (names: readonly RowName[]): ReadonlySet<Need> =>
  new Set(names.flatMap((name): readonly Need[] => ROWS[name].needs));

/** The lines of these rows. A row whose measurement is missing has one line with the reason. */
export const linesOf = (
  names: readonly RowName[],
  measured: Measurements,
  missing: Partial<Record<Need, string>> = {},
): Line[] =>
  names.flatMap((name): readonly Line[] => {
    const { needs, lines }: Row = ROWS[name];
    const reason = needs.map((need) => missing[need]).find((text) => text !== undefined);
    if (reason === undefined) return lines(measured);
    return [{ what: name, measured: '', target: '', further: '', verdict: `not measured: ${reason}` }];
  });
