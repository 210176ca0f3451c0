// A unit is one level of one country. One request fetches it, one staged file holds it, and it can fail alone.
import type { Level } from '../../dtm/endpoints.ts';
import { readArrow } from '../../format/read-arrow.ts';
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

/** A unit's outcome and the source of its answer, in `runs/<run>/units/`. Times are ISO 8601. `seconds` includes waits. */
export interface UnitReport extends Unit, Partial<SourceRecord> {
  readonly status: 'ok' | 'empty' | 'failed';
  readonly rows: number;
  /** Different snapshots and natural keys among the rows, for the guards. */
  readonly snapshots: number;
  readonly keys: number;
  readonly reason: string | null;
  readonly attempts: number;
  readonly seconds: number;
  readonly requested_at: string;
  readonly fetched_at: string | null;
  readonly raw_sha256: string | null;
  readonly raw_bytes: number | null;
  readonly staged_sha256: string | null;
  /** The release that was current at the request; null if there was none. It decides which of two answers is newer. */
  readonly asked_on?: string | null;
  /** The earlier run whose answer has the same bytes, so this one was not parsed. Null if it was parsed or is missing. */
  readonly same_as: string | null;
  readonly unknown_fields: Readonly<Record<string, number>>;
  readonly absent_fields: Readonly<Record<string, number>>;
}

export const tableOf = ({ level }: Unit): LevelTable => `admin${level}`;

/** The name of a unit in messages: `admin1/HTI`. */
export const unitName = (unit: Unit): string => `${tableOf(unit)}/${unit.country}`;

/** Creates the report of a unit without an answer. */
export const createFailedReport = (
  { level, country }: Unit,
  failure: Pick<UnitReport, 'reason' | 'attempts' | 'seconds' | 'requested_at'>,
): UnitReport => ({
  level,
  country,
  status: 'failed',
  ...{ rows: 0, snapshots: 0, keys: 0 },
  ...failure,
  fetched_at: null,
  raw_sha256: null,
  raw_bytes: null,
  staged_sha256: null,
  same_as: null,
  unknown_fields: {},
  absent_fields: {},
});

/** A staged file or a unit's report is damaged or missing. */
export class StagedFileError extends Error {
  override readonly name = 'StagedFileError';
  constructor(key: string, run: string, fault: string) {
    super(`${key} is damaged (${fault}); run again with --run ${run}: this unit is asked for again`);
  }
}

/** Reads a unit's report in this run; null if there is none yet. @throws {StagedFileError} */
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

/** Like `readReport`, but null for a damaged report too: the unit is then requested again. */
export const readReportIfValid = (store: Store, run: string, unit: Unit): Promise<UnitReport | null> =>
  readReport(store, run, unit).catch((error: unknown) => {
    if (error instanceof StagedFileError) return null;
    throw error;
  });

/** Reads the staged rows of a unit that has rows. @throws {StagedFileError} if the file is missing or has another SHA-256 */
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
