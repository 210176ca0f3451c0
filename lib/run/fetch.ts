// Second stage, a unit at a time: the answer is validated, laid out as columns and staged; the raw bytes are kept as
// received. Idempotent: a unit that has been answered in this run is not asked again. The unit's report is written
// last, so a crash before it only asks again.
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { readCurrentId } from '../catalogue/pointer.ts';
import type { RawAnswer } from '../dtm/answers/read-answer.ts';
import { DTMApiError, DTMAuthenticationError } from '../dtm/errors.ts';
import { writeStagedStream } from '../format/arrow.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import { rawKey, stagedKey, unitKey } from '../release/layout.ts';
import { apiColumns, ingest } from '../table/ingest.ts';
import { type TableSchema, tablesOf } from '../table/schema.ts';
import { KeyRefusedError } from './api-client.ts';
import type { ApiContext } from './context.ts';
import { endpointOf, type Plan } from './plan.ts';
import { checkSource, type SourceRecord } from './units/source.ts';
import { type PreviousUnit, readPreviousUnit } from './units/unchanged-answers.ts';
import {
  createFailedReport,
  readReportIfValid,
  tableOf,
  type Unit,
  type UnitReport,
  unitName,
} from './units/unit.ts';

const gzip = promisify(gzipCallback);

/** zlib: raw answers are short-lived, so the fastest level where the server sent none. */
const RAW_LEVEL = 1;

/**
 * Asks for one unit and stages its rows. An API that fails is a report, not an error; it is asked `again` in a resumed
 * run unless that is false.
 * @throws {StoreError} if staging fails; {KeyRefusedError}; {MixedSourceError} if the answer is not of the plan's
 * source; the signal's reason if the run is stopped
 */
export async function fetchUnit(
  context: ApiContext,
  plan: Plan,
  { unit, again: retryFailed }: { unit: Unit; again: boolean },
): Promise<UnitReport> {
  const { url: source_url, apiVersion: api_version } = context.source;
  checkSource(plan, unitName(unit), { source_url, api_version });
  const existing = await readReportIfValid(context.store, plan.run, unit);
  if (existing?.status === 'failed' && !retryFailed) return existing;
  if (existing && (await isStaged(context, plan, existing))) return existing;
  const requestedAt = context.now();
  const report = await fetchAndStage(context, plan, unit).catch((error: unknown) => {
    // It would be refused for every other unit, too.
    if (isRefusedKey(error)) throw new KeyRefusedError('DTMAPI_SUBSCRIPTION_KEY', error);
    if (error instanceof DTMApiError) return toFailedReport(unit, error, requestedAt);
    throw error;
  });
  await context.store.put(unitKey(plan.run, tableOf(unit), unit.country), jsonBytes(report), 'anything');
  return report;
}

/**
 * Whether its answer is here, byte for byte: files of a run are not written to the disk at once, so a loss of power may
 * have cost them. One of an older version of this program, which did not say its source, is asked for again.
 */
async function isStaged({ store }: ApiContext, { run }: Plan, report: UnitReport): Promise<boolean> {
  if (report.source_url === undefined) return false;
  if (report.status !== 'ok') return report.status === 'empty';
  const staged = await store.get(stagedKey(run, tableOf(report), report.country));
  return staged !== null && sha256(staged.body) === report.staged_sha256;
}

async function fetchAndStage(context: ApiContext, plan: Plan, unit: Unit): Promise<UnitReport> {
  const { api, store, stagedCache, signal } = context;
  const previous = await readPreviousUnit(store, plan, unit);
  const asked_on = await readCurrentId(store);
  const query = { admin0Pcode: unit.country };
  const maxBytes = maxAnswerBytes(plan, unit);
  const options = { signal, maxBytes, knownSha256: previous?.report.raw_sha256 ?? undefined };
  const schema = tablesOf(plan.api_version)[tableOf(unit)];
  const answer = await api.ask(endpointOf(unit), query, options);
  const { source_url, api_version } = plan;
  const source = { source_url, api_version, synthetic: answer.synthetic };
  checkSource(plan, unitName(unit), source);
  const { report, body, packed, columns, staged } = stage(answer, {
    ...{ schema, unit, previous, source, asked_on },
  });
  const raw = packed ?? (await gzip(body, { level: RAW_LEVEL }));
  await store.put(rawKey(plan.run, tableOf(unit), unit.country), raw, 'anything');
  if (staged) await store.put(stagedKey(plan.run, tableOf(unit), unit.country), staged, 'anything');
  if (columns) stagedCache?.set(report.staged_sha256 as string, columns);
  return report;
}

/** How many times its last answer a unit's answer may be, and how large any may be. */
const MAX_GROWTH = 16;
const MIN_ANSWER_LIMIT = 8 * 1024 * 1024;

/** The largest answer that is read of a unit: in proportion to the last one; undefined where that is not known. */
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

/** Rows become columns at once and are let go: of several answers under way only one is ever held as rows. */
function stage(answer: RawAnswer<unknown>, { schema, unit, previous, source, asked_on }: StageInput) {
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
    return { report, body, packed, columns: null, staged: previous.staged };
  }
  const columns = rows.length > 0 ? ingest(schema, { length: rows.length, fields: answer.columns }) : null;
  const staged = columns && writeStagedStream(apiColumns(schema), columns);
  const report: UnitReport = {
    ...answerFields,
    status: staged ? 'ok' : 'empty',
    rows: rows.length,
    reason: staged ? null : envelope.errorMessages.join(' ') || 'The answer has no rows.',
    staged_sha256: staged && sha256(staged),
    same_as: null,
    unknown_fields: Object.fromEntries(answer.unknownFields),
    absent_fields: Object.fromEntries(answer.absentFields),
  };
  return { report, body, packed, columns, staged };
}

const toFailedReport = (unit: Unit, error: DTMApiError, requestedAt: Date): UnitReport =>
  createFailedReport(unit, {
    reason: `${error.name}: ${error.message}`,
    attempts: error.attempts,
    seconds: error.elapsed,
    requested_at: requestedAt.toISOString(),
  });

/** API: 401 is the key's; 403 in JSON may be that of one product. */
const isRefusedKey = (error: unknown): error is DTMAuthenticationError =>
  error instanceof DTMAuthenticationError && error.status === 401;
