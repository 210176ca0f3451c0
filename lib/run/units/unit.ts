// A unit is one level of one country: what one request asks for, what one staged file holds, what fails alone.
import type { Level } from '../../dtm/endpoints.ts';
import { readArrow } from '../../format/arrow.ts';
import { parseJson, sha256 } from '../../release/digest.ts';
import { stagedKey, unitKey } from '../../release/layout.ts';
import type { Store } from '../../store/store.ts';
import type { Columns } from '../../table/columns.ts';
import { apiColumns } from '../../table/ingest.ts';
import type { LevelTable, TableSchema } from '../../table/schema.ts';
import type { SourceRecord } from './source.ts';

export interface Unit {
  readonly level: Level;
  readonly country: string;
}

/** A unit's outcome, kept in `runs/<run>/units/`, with the source of its answer: times are ISO 8601, `seconds` include waits. */
export interface UnitReport extends Unit, Partial<SourceRecord> {
  readonly status: 'ok' | 'empty' | 'failed';
  readonly rows: number;
  readonly reason: string | null;
  readonly attempts: number;
  readonly seconds: number;
  readonly requested_at: string;
  readonly fetched_at: string | null;
  readonly raw_sha256: string | null;
  readonly raw_bytes: number | null;
  readonly staged_sha256: string | null;
  /** The release that was current when it was asked for, null if there was none: what its answer may overtake. */
  readonly asked_on?: string | null;
  /** The run whose answer had the same bytes, so that this one was not read; null where it was, or there is none. */
  readonly same_as: string | null;
  readonly unknown_fields: Readonly<Record<string, number>>;
  readonly absent_fields: Readonly<Record<string, number>>;
}

export const tableOf = ({ level }: Unit): LevelTable => `admin${level}`;

/** How messages name a unit: `admin1/HTI`. */
export const unitName = (unit: Unit): string => `${tableOf(unit)}/${unit.country}`;

/** The report of a unit without an answer: what it cost, and why. */
export const createFailedReport = (
  { level, country }: Unit,
  cost: Pick<UnitReport, 'reason' | 'attempts' | 'seconds' | 'requested_at'>,
): UnitReport => ({
  level,
  country,
  status: 'failed',
  rows: 0,
  ...cost,
  fetched_at: null,
  raw_sha256: null,
  raw_bytes: null,
  staged_sha256: null,
  same_as: null,
  unknown_fields: {},
  absent_fields: {},
});

/** A staged file or a unit's report is not what was staged. */
export class StagedFileError extends Error {
  override readonly name = 'StagedFileError';
  constructor(key: string, run: string, what: string) {
    super(`${key} is damaged (${what}); run again with --run ${run}: this unit is asked for again`);
  }
}

/** What is known of a unit in this run, or null if it has not been asked yet. @throws {StagedFileError} */
export async function readReport(store: Store, run: string, unit: Unit): Promise<UnitReport | null> {
  const key = unitKey(run, tableOf(unit), unit.country);
  const found = await store.get(key);
  if (!found) return null;
  try {
    return parseJson(found.body) as UnitReport;
  } catch {
    throw new StagedFileError(key, run, 'not JSON');
  }
}

/** The same; null also where it is damaged, so that the unit is asked for again. */
export const readReportIfValid = (store: Store, run: string, unit: Unit): Promise<UnitReport | null> =>
  readReport(store, run, unit).catch((error: unknown) => {
    if (error instanceof StagedFileError) return null;
    throw error;
  });

/** The staged rows of a unit that has some. @throws {StagedFileError} if they are not those that were staged */
export async function readStaged(
  store: Store,
  { run, report }: { run: string; report: UnitReport },
  schema: TableSchema,
): Promise<Columns> {
  const key = stagedKey(run, tableOf(report), report.country);
  const found = await store.get(key);
  const hash = found && sha256(found.body);
  if (!found || hash !== report.staged_sha256)
    throw new StagedFileError(
      key,
      run,
      found ? `expected SHA-256 ${report.staged_sha256}, found ${hash}` : 'missing',
    );
  return readArrow(apiColumns(schema), found.body);
}
