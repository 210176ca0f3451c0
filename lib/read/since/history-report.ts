// The result of `history` as one object, and as CSV.
import { csvHeader, renderCsv } from '../../format/csv.ts';
import { type Columns, createColumn } from '../../table/columns.ts';
import { type ColumnSchema, integerColumn, NULLABLE, textColumn } from '../../table/definitions.ts';
import { dayNumber } from '../../table/ingest.ts';
import type { CountHistory } from './count-history.ts';
import type { ReleaseCounts } from './country-history.ts';

/** Every value that the counts of a country and level have had. */
export interface HistoryReport {
  readonly country: string;
  readonly level: number;
  /** Listed releases, and those of which a file or change log was read. */
  readonly releases: number;
  readonly releases_read: number;
  /** The oldest release whose counts are known; null if none is. */
  readonly known_from: string | null;
  /** Releases whose counts are not known, oldest first, with the reason. Withdrawn ones are among them. */
  readonly unknown: readonly {
    readonly release: string;
    readonly published_at: string;
    readonly reason: string;
  }[];
  readonly counts: readonly CountHistory[];
}

/** Sums up a history. `releases` are oldest first. */
export function createHistoryReport(
  { country, level }: { country: string; level: number },
  { releases, read }: { releases: readonly ReleaseCounts[]; read: number },
  counts: readonly CountHistory[],
): HistoryReport {
  const unknown = releases.flatMap((found) =>
    found.counts === null
      ? [{ release: found.entry.release, published_at: found.entry.published_at, reason: found.reason }]
      : [],
  );
  const known = releases.find((found) => found.counts !== null);
  return {
    ...{ country, level, releases: releases.length, releases_read: read },
    known_from: known?.entry.release ?? null,
    ...{ unknown, counts },
  };
}

const total = (name: string, description: string): ColumnSchema => ({
  ...integerColumn(name, description, NULLABLE),
  type: 'int64',
});

const SCHEMA: readonly ColumnSchema[] = [
  textColumn('country', 'ISO 3166-1 alpha-3 code.'),
  integerColumn('level', 'Administrative level.'),
  textColumn('operation', 'DTM operation.'),
  textColumn('assessment_type', 'Assessment type.'),
  { ...textColumn('reporting_date', 'Day to which the count refers.'), type: 'date' },
  integerColumn('round_number', 'Round of data collection.'),
  textColumn('release', 'The release that brought the value.'),
  textColumn('published_at', 'When it was published, UTC.'),
  textColumn('change', 'first, new, revised, gone or again.'),
  { ...textColumn('certain', 'False if a release just before is not known.'), type: 'boolean' },
  integerColumn('rows', 'Rows of the count; null if it is gone.', NULLABLE),
  total('idps', 'Persons present; null if a row has no figure.'),
  total('males', 'Males among them.'),
  total('females', 'Females among them.'),
];

/** One line for each value, with a header. */
export function historyCsv({ country, level, counts }: HistoryReport): Uint8Array {
  const rows = counts.flatMap(({ values, ...count }) =>
    values.map(({ totals, ...value }) => ({
      ...{ country, level, ...count, ...value },
      ...(totals ?? { rows: null, idps: null, males: null, females: null }),
      reporting_date: dayNumber(count.reporting_date),
    })),
  );
  const byName = SCHEMA.map(({ name, type }) => {
    const values = rows.map((row) => row[name as keyof typeof row] ?? null);
    return [name, createColumn(type, values)] as const;
  });
  const columns: Columns = { length: rows.length, byName: new Map(byName) };
  return Buffer.concat([Buffer.from(csvHeader(SCHEMA)), renderCsv(SCHEMA, columns)]);
}
