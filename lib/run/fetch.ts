// Second stage: fetches one unit, validates the answer and stages its rows as columns. It also keeps the raw answer.
// Idempotent: a unit with an answer in this run is not requested again. The report is written last, so a unit without
// a report is requested again after a crash.
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { readCurrentId } from '../catalogue/pointer.ts';
import type { RawAnswer } from '../dtm/answers/read-answer.ts';
import { DTMApiError, DTMAuthenticationError } from '../dtm/errors.ts';
import { writeStagedStream } from '../format/arrow.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import { rawKey, stagedKey, unitKey } from '../release/layout.ts';
import type { Columns } from '../table/columns.ts';
import { naturalKey } from '../table/compare.ts';
import { SNAPSHOT } from '../table/complete.ts';
import { apiColumns, type CheckedAnswer, ingest } from '../table/ingest.ts';
import { type TableSchema, tablesOf } from '../table/schema.ts';
import { groupStarts, sortColumns } from '../table/sort.ts';
import { KeyRefusedError } from './api-client.ts';
import type { ApiContext } from './context.ts';
import { endpointOf, type Plan } from './plan.ts';
import { type PreviousUnit, readPreviousUnit } from './units/previous-unit.ts';
import { checkSource, type SourceRecord } from './units/source.ts';
import {
  createFailedReport,
  readReportIfValid,
  tableOf,
  type Unit,
  type UnitReport,
  unitName,
} from './units/unit.ts';

const gzip = promisify(gzipCallback);

/** zlib: the fastest level, because raw answers are short-lived. Used if the server did not compress the answer. */
const RAW_LEVEL = 1;

/**
 * Requests one unit and stages its rows. A failure of the API becomes a report with status `failed`, not an error. A
 * resumed run requests a failed unit again if `retryFailed`.
 * @throws {StoreError} if staging fails; {KeyRefusedError}; {MixedSourceError} if the answer is from another source
 * than the plan; the signal's reason if the run is stopped
 */
export async function fetchUnit(
  context: ApiContext,
  plan: Plan,
  { unit, retryFailed }: { unit: Unit; retryFailed: boolean },
): Promise<UnitReport> {
  const { url: source_url, apiVersion: api_version } = context.source;
  checkSource(plan, unitName(unit), { source_url, api_version });
  const existing = await readReportIfValid(context.store, plan.run, unit);
  if (existing?.status === 'failed' && !retryFailed) return existing;
  if (existing && (await isStaged(context, plan, existing))) return existing;
  const requestedAt = context.now();
  const report = await fetchAndStage(context, plan, unit).catch((error: unknown) => {
    // The key would be refused for every other unit too.
    if (isRefusedKey(error)) throw new KeyRefusedError('DTMAPI_SUBSCRIPTION_KEY', error);
    if (error instanceof DTMApiError) return toFailedReport(unit, error, requestedAt);
    throw error;
  });
  await context.store.put(unitKey(plan.run, tableOf(unit), unit.country), jsonBytes(report), 'anything');
  return report;
}

/**
 * Whether the unit's staged file is complete. A run does not sync its files, so a power loss may have damaged them. A
 * report of an older version of this program lacks fields: false, so the unit is requested again.
 */
async function isStaged({ store }: ApiContext, { run }: Plan, report: UnitReport): Promise<boolean> {
  if (report.source_url === undefined || report.keys === undefined) return false;
  if (report.status !== 'ok') return report.status === 'empty';
  const staged = await store.get(stagedKey(run, tableOf(report), report.country));
  return staged !== null && sha256(staged.body) === report.staged_sha256;
}

async function fetchAndStage(context: ApiContext, plan: Plan, unit: Unit): Promise<UnitReport> {
  const { api, store, signal } = context;
  const isReadAlike = plan.reading === context.generator.reading;
  const previous = isReadAlike ? await readPreviousUnit(store, plan, unit) : null;
  const asked_on = await readCurrentId(store);
  const query = { admin0Pcode: unit.country };
  const maxBytes = maxAnswerBytes(plan, unit);
  const options = { signal, maxBytes, knownSha256: previous?.report.raw_sha256 ?? undefined };
  const schema = tablesOf(plan.api_version)[tableOf(unit)];
  const answer = await api.ask(endpointOf(unit), query, options);
  const { source_url, api_version } = plan;
  const source = { source_url, api_version, synthetic: answer.synthetic };
  checkSource(plan, unitName(unit), source);
  const { report, body, packed, staged } = buildStagedUnit(answer, {
    ...{ schema, unit, previous, source, asked_on },
  });
  const raw = packed ?? (await gzip(body, { level: RAW_LEVEL }));
  await store.put(rawKey(plan.run, tableOf(unit), unit.country), raw, 'anything');
  if (staged) await store.put(stagedKey(plan.run, tableOf(unit), unit.country), staged, 'anything');
  return report;
}

/** An answer may have this many times the bytes of the unit's last answer. */
const MAX_GROWTH = 16;
/** Bytes that an answer may always have. */
const MIN_ANSWER_LIMIT = 8 * 1024 * 1024;

/** The limit for a unit's answer in bytes, relative to its last answer; undefined if there is none. */
function maxAnswerBytes({ units }: Plan, { level, country }: Unit): number | undefined {
  const lastBytes = units.find((unit) => unit.level === level && unit.country === country)?.raw_bytes;
  return lastBytes ? Math.max(MIN_ANSWER_LIMIT, MAX_GROWTH * lastBytes) : undefined;
}

interface StageInput {
  readonly schema: TableSchema;
  readonly unit: Unit;
  readonly previous: PreviousUnit | null;
  readonly source: SourceRecord;
  readonly asked_on: string | null;
}

/**
 * Builds the unit's report and its staged file. It turns rows into columns synchronously, so only one of several
 * concurrent answers is in memory as rows.
 */
function buildStagedUnit(
  answer: RawAnswer<unknown>,
  { schema, unit, previous, source, asked_on }: StageInput,
) {
  const { outcome, rows, body, packed, envelope } = answer;
  const answerFields = {
    ...unit,
    ...source,
    asked_on,
    attempts: answer.attempts,
    seconds: answer.seconds,
    requested_at: answer.requestedAt.toISOString(),
    fetched_at: answer.receivedAt.toISOString(),
    raw_sha256: answer.sha256,
    raw_bytes: body.length,
  };
  if (outcome === 'known' && previous) {
    const report: UnitReport = { ...previous.report, ...answerFields, same_as: previous.run };
    return { report, body, packed, staged: previous.staged };
  }
  const columns =
    rows.length > 0 ? sortedRows(schema, { length: rows.length, fields: answer.columns }) : null;
  const staged = columns && writeStagedStream(apiColumns(schema), columns);
  const report: UnitReport = {
    ...answerFields,
    status: staged ? 'ok' : 'empty',
    rows: rows.length,
    snapshots: columns ? groupStarts(columns, SNAPSHOT).length : 0,
    keys: columns
      ? groupStarts(
          columns,
          naturalKey(schema).filter((name) => columns.byName.has(name)),
        ).length
      : 0,
    reason: staged ? null : envelope.errorMessages.join(' ') || 'The answer has no rows.',
    staged_sha256: staged && sha256(staged),
    same_as: null,
    unknown_fields: Object.fromEntries(answer.unknownFields),
    absent_fields: Object.fromEntries(answer.absentFields),
  };
  return { report, body, packed, staged };
}

/** The answer's rows as columns, in the order of the published table. */
function sortedRows(schema: TableSchema, answer: CheckedAnswer): Columns {
  const columns = ingest(schema, answer);
  return sortColumns(
    columns,
    schema.sortBy.filter((name) => columns.byName.has(name)),
  );
}

const toFailedReport = (unit: Unit, error: DTMApiError, requestedAt: Date): UnitReport =>
  createFailedReport(unit, {
    reason: `${error.name}: ${error.message}`,
    attempts: error.attempts,
    seconds: error.elapsed,
    requested_at: requestedAt.toISOString(),
  });

/** API: 401 refuses the key. A 403 with a JSON body may refuse one product only. */
const isRefusedKey = (error: unknown): error is DTMAuthenticationError =>
  error instanceof DTMAuthenticationError && error.status === 401;
