// Reads the body's bytes into checked rows.
// 1.0 and 1e3 count as integers, because JSON.parse returns 1 and 1000 for them.
import type { Infer } from 'superstruct';
import { type ApiRequest, requestLabel } from '../api-request.ts';
import { levelOf } from '../endpoints.ts';
import { type DTMAnswerShapeError, DTMApiResponseError } from '../errors.ts';
import { inRounds, type RoundRange } from '../query.ts';
import { checkRows, type FieldStructs, isFault } from './check-rows.ts';
import type { FieldColumn } from './field-columns.ts';
import { findExcess } from './json-size.ts';
import { parseJson } from './parse-json.ts';
import { ENVELOPE, onlyCountry, REFUSAL, ROWS } from './row-structs.ts';
import { shapeError } from './shape-error.ts';

/**
 * What the API answered. `rows`: there are rows. `empty`: there are none. `unknown-country`: the API does not know the country.
 * `known`: the body has the SHA-256 that the caller passed in, so it was not parsed.
 */
export type Outcome = 'rows' | 'empty' | 'unknown-country' | 'known';

/** The fields of the envelope, as received. `statusCode` is 200 with rows and 204 without. */
export interface Envelope {
  readonly statusCode: number;
  readonly isSuccess: boolean;
  readonly errorMessages: readonly string[];
  readonly totalRecordsCount: number;
}

/**
 * The checked content of an answer. The maps have field names as keys. They describe all rows received, `rows` only those
 * of the requested rounds.
 */
export interface ReadAnswer<Row> {
  readonly outcome: Outcome;
  readonly rows: readonly Row[];
  readonly envelope: Envelope;
  /** Drift: fields that no struct knows, with their number of rows. */
  readonly unknownFields: ReadonlyMap<string, number>;
  /** Optional fields that rows left out, with their number of rows: `admin2Name`, `admin2Pcode`, and in v3 `id` at admin0. */
  readonly absentFields: ReadonlyMap<string, number>;
  /** All rows received, as columns. They take a tenth of the memory of rows. */
  readonly columns: ReadonlyMap<string, FieldColumn>;
}

/** An answer with its bytes, address, attempts and times. An unknown country is an outcome here, not an error. */
export interface RawAnswer<Row> extends ReadAnswer<Row> {
  /** The body as received, decompressed. */
  readonly body: Uint8Array;
  /** SHA-256 of the body, in lower-case hexadecimal. */
  readonly sha256: string;
  /** The compressed body (gzip). Null if the server sent it uncompressed. */
  readonly packed: Uint8Array | null;
  /** Address of the request. It holds no secret. */
  readonly url: string;
  /** HTTP status. */
  readonly status: number;
  /** Number of requests that this call sent. */
  readonly attempts: number;
  /** Seconds from the first request to the checked answer, waits included. */
  readonly seconds: number;
  /** When the answered request was sent. */
  readonly requestedAt: Date;
  /** When the last byte of the answer arrived. */
  readonly receivedAt: Date;
  /** True if the answer comes from a simulator: its figures are invented. */
  readonly synthetic: boolean;
  /** Time of the server's clock at the answer. Null if the server did not send it. */
  readonly serverDate: Date | null;
}

/** The answer for a body that the caller knows: it is not parsed, so there are no rows. */
export const UNCHANGED_ANSWER: ReadAnswer<never> = {
  outcome: 'known',
  rows: [],
  envelope: { statusCode: 200, isSuccess: true, errorMessages: [], totalRecordsCount: 0 },
  unknownFields: new Map(),
  absentFields: new Map(),
  columns: new Map(),
};

/**
 * Reads the body of an HTTP 200.
 * @throws {DTMApiRequestError} if it is not JSON in UTF-8 (retryable)
 * @throws {DTMAnswerShapeError} if it breaks the API's contract
 * @throws {DTMApiResponseError} if the API refused the query, other than for an unknown country
 */
export function readAnswer(request: ApiRequest, body: Uint8Array): ReadAnswer<Record<string, unknown>> {
  const excess = findExcess(body);
  if (excess !== undefined) throw answerError(request, { field: undefined, ...excess });
  const json = parseJson(request, body);
  const { isSuccess } = Object(json) as { isSuccess?: unknown };
  return isSuccess === false ? readRefusal(request, json) : readRows(request, json);
}

function readRefusal(request: ApiRequest, json: unknown): ReadAnswer<never> {
  const { totalRecordsCount, ...rest } = checkEnvelope(request, json, REFUSAL);
  const errorMessages = rest.errorMessages.map(request.redact);
  if (!errorMessages.some((message) => /^no country (code )?found/i.test(message))) {
    const reason = errorMessages.join(' ') || 'no reason given';
    const details = { url: request.url, status: 200, errorMessages };
    throw new DTMApiResponseError(`${requestLabel(request)}: the API refused the query: ${reason}`, details);
  }
  return {
    outcome: 'unknown-country',
    rows: [],
    envelope: { ...envelopeFields(rest), totalRecordsCount: totalRecordsCount ?? 0 },
    unknownFields: new Map(),
    absentFields: new Map(),
    columns: new Map(),
  };
}

function readRows(request: ApiRequest, json: unknown): ReadAnswer<Record<string, unknown>> {
  // The envelope and its row count
  const envelope = checkEnvelope(request, json, ENVELOPE);
  const { result, statusCode, totalRecordsCount } = envelope;
  if (statusCode !== 200 && statusCode !== 204) {
    throw answerError(request, {
      field: 'statusCode',
      expected: '200 (rows) or 204 (none)',
      received: statusCode,
    });
  }
  if (statusCode === 204 && result.length > 0) {
    throw answerError(request, {
      field: 'result',
      expected: 'no rows with statusCode 204',
      received: result,
    });
  }
  if (totalRecordsCount !== result.length) {
    const expected = `${result.length}, the number of rows sent`;
    throw answerError(request, { field: 'totalRecordsCount', expected, received: totalRecordsCount });
  }

  // The rows
  const checked = checkRows(result, structsOf(request));
  if (isFault(checked)) throw answerError(request, checked, result);
  const rows = withinRounds(result as Record<string, unknown>[], request.query.rounds);
  return {
    outcome: rows.length > 0 ? 'rows' : 'empty',
    rows,
    envelope: { ...envelopeFields(envelope), totalRecordsCount },
    ...checked,
  };
}

function structsOf({ version, endpoint, query }: ApiRequest): FieldStructs {
  const { schema } = ROWS[version][endpoint];
  const code = query.admin0Pcode;
  return code === undefined ? schema : { ...schema, admin0Pcode: onlyCountry(code) };
}

function withinRounds(
  rows: Record<string, unknown>[],
  range: RoundRange | undefined,
): Record<string, unknown>[] {
  if (range === undefined) return rows;
  return rows.filter((row) => inRounds(row.roundNumber as number, range));
}

function envelopeFields({ statusCode, isSuccess, errorMessages }: Omit<Envelope, 'totalRecordsCount'>) {
  return { statusCode, isSuccess, errorMessages };
}

// The envelope is checked like a row.
function checkEnvelope<S extends typeof ENVELOPE | typeof REFUSAL>(
  request: ApiRequest,
  json: unknown,
  struct: S,
): Infer<S> {
  const checked = checkRows([json], struct.schema);
  if (isFault(checked)) throw answerError(request, { ...checked, row: undefined });
  return json as Infer<S>;
}

interface AnswerFault {
  readonly row?: number | undefined;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: unknown;
}

function answerError(
  request: ApiRequest,
  fault: AnswerFault,
  rows?: readonly unknown[],
): DTMAnswerShapeError {
  const { row, field } = fault;
  const path = [row === undefined ? undefined : `result[${row}]`, field]
    .filter((part) => part !== undefined)
    .join('.');
  const country = request.query.country ?? countryOf(request, row === undefined ? undefined : rows?.[row]);
  return shapeError(request, { ...fault, path, country, level: levelOf(request.endpoint) });
}

function countryOf(request: ApiRequest, row: unknown): string | undefined {
  const { admin0Pcode } = Object(row) as { admin0Pcode?: unknown };
  return typeof admin0Pcode === 'string' ? request.redact(admin0Pcode).slice(0, 20) : undefined;
}
