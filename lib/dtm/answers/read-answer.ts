// From the body's bytes to rows that can be relied on. A byte order mark is let pass (RFC 8259 allows it); broken UTF-8
// is not. JSON's 1.0 and 1e3 are integers here, since JSON.parse cannot tell them from 1 and 1000.

import type { Infer } from 'superstruct';
import { type ApiRequest, requestLabel } from '../api-request.ts';
import { levelOf } from '../endpoints.ts';
import {
  DTMAnswerShapeError,
  DTMApiRequestError,
  DTMApiResponseError,
  type ErrorDetails,
  type RequestFailure,
} from '../errors.ts';
import { inRounds, type RoundRange } from '../query.ts';
import { showValue } from '../show-value.ts';
import { checkRows, type FieldStructs, isFault } from './check-rows.ts';
import type { FieldColumn } from './field-columns.ts';
import { findExcess } from './json-size.ts';
import { ENVELOPE, onlyCountry, REFUSAL, ROWS } from './row-structs.ts';

/**
 * What the API said: there are rows, there are none, or it does not know the country. `known`: what it said is known
 * to whoever asked, and was not read again.
 */
export type Outcome = 'rows' | 'empty' | 'unknown-country' | 'known';

/** The envelope's own fields, as received; `statusCode` is 200 with rows and 204 without. */
export interface Envelope {
  readonly statusCode: number;
  readonly isSuccess: boolean;
  readonly errorMessages: readonly string[];
  readonly totalRecordsCount: number;
}

/** What an answer says, all of it checked; its maps are by field name and speak of the answer as received. */
export interface ReadAnswer<Row> {
  readonly outcome: Outcome;
  readonly rows: readonly Row[];
  readonly envelope: Envelope;
  /** Drift: fields that no struct knows. */
  readonly unknownFields: ReadonlyMap<string, number>;
  /** Fields left out where they may be: `admin2Name`, `admin2Pcode`, and in v3 `id` at admin0. */
  readonly absentFields: ReadonlyMap<string, number>;
  /** The answer as received once more, field by field: a tenth of the memory of its rows. */
  readonly columns: ReadonlyMap<string, FieldColumn>;
}

/** An answer with the bytes it came in and how it was got; an unknown country is an outcome here, not an error. */
export interface RawAnswer<Row> extends ReadAnswer<Row> {
  /** The body as received, decompressed. */
  readonly body: Uint8Array;
  /** Of the body, in lower-case hexadecimal. */
  readonly sha256: string;
  /** The gzip in which it came; null if it came plain. */
  readonly packed: Uint8Array | null;
  /** What was asked; there is no secret in it. */
  readonly url: string;
  /** HTTP's status. */
  readonly status: number;
  /** Requests sent for this call. */
  readonly attempts: number;
  /** From the first request sent to the answer checked, waits included. */
  readonly seconds: number;
  /** When the request that was answered left. */
  readonly requestedAt: Date;
  /** When the answer's last byte was there. */
  readonly receivedAt: Date;
  /** The answer comes from a simulator: its figures are invented. */
  readonly synthetic: boolean;
  /** What the server's clock said when it answered; null if it did not say. */
  readonly serverDate: Date | null;
}

/** What is said of a body that is known and was not read: nothing. */
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
 * @throws {DTMApiRequestError} if it is no JSON in UTF-8 (worth another try)
 * @throws {DTMAnswerShapeError} if it is not what the API's contract says
 * @throws {DTMApiResponseError} if the API refused the query, other than for an unknown country
 */
export function readAnswer(request: ApiRequest, body: Uint8Array): ReadAnswer<Record<string, unknown>> {
  const excess = findExcess(body);
  if (excess !== undefined) throw shapeError(request, { field: undefined, ...excess });
  const json = parse(request, body);
  const { isSuccess } = Object(json) as { isSuccess?: unknown };
  return isSuccess === false ? readRefusal(request, json) : readRows(request, json);
}

function parse(asked: ApiRequest, body: Uint8Array): unknown {
  try {
    return JSON.parse(decode(asked, body));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // V8's message quotes a few letters of the body, which may be the beginning of a key: only the position is kept.
    const position = /at position \d+/.exec(error.message)?.[0] ?? `within ${body.length} bytes`;
    throw notJsonError(asked, `the body is not JSON (${position}: cut short, or not the API that answered)`);
  }
}

function decode(asked: ApiRequest, body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw notJsonError(asked, 'the body is not UTF-8', cause);
  }
}

function notJsonError(asked: ApiRequest, what: string, cause?: unknown): DTMApiRequestError {
  const details: ErrorDetails & { reason: RequestFailure } = {
    url: asked.url,
    status: 200,
    reason: 'not-json',
    cause,
  };
  return new DTMApiRequestError(`${requestLabel(asked)}: ${what}; ask again, or check the base URL`, details);
}

function readRefusal(asked: ApiRequest, json: unknown): ReadAnswer<never> {
  const { totalRecordsCount, ...rest } = checkEnvelope(asked, json, REFUSAL);
  const errorMessages = rest.errorMessages.map(asked.redact);
  if (!errorMessages.some((message) => /^no country (code )?found/i.test(message))) {
    const words = errorMessages.join(' ') || 'no reason given';
    const details = { url: asked.url, status: 200, errorMessages };
    throw new DTMApiResponseError(`${requestLabel(asked)}: the API refused the query: ${words}`, details);
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

function readRows(asked: ApiRequest, json: unknown): ReadAnswer<Record<string, unknown>> {
  const envelope = checkEnvelope(asked, json, ENVELOPE);
  const { result, statusCode, totalRecordsCount } = envelope;
  if (statusCode !== 200 && statusCode !== 204) {
    throw shapeError(asked, {
      field: 'statusCode',
      expected: '200 (rows) or 204 (none)',
      received: statusCode,
    });
  }
  if (statusCode === 204 && result.length > 0) {
    throw shapeError(asked, { field: 'result', expected: 'no rows with statusCode 204', received: result });
  }
  if (totalRecordsCount !== result.length) {
    const expected = `${result.length}, the number of rows sent`;
    throw shapeError(asked, { field: 'totalRecordsCount', expected, received: totalRecordsCount });
  }
  const drift = checkRows(result, structsOf(asked));
  if (isFault(drift)) throw shapeError(asked, drift, result);
  const rows = withinRounds(result as Record<string, unknown>[], asked.query.rounds);
  return {
    outcome: rows.length > 0 ? 'rows' : 'empty',
    rows,
    envelope: { ...envelopeFields(envelope), totalRecordsCount },
    ...drift,
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

// An envelope is checked as a row is.
function checkEnvelope<S extends typeof ENVELOPE | typeof REFUSAL>(
  asked: ApiRequest,
  json: unknown,
  struct: S,
): Infer<S> {
  const found = checkRows([json], struct.schema);
  if (isFault(found)) throw shapeError(asked, { ...found, row: undefined });
  return json as Infer<S>;
}

interface ShapeFault {
  readonly row?: number | undefined;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: unknown;
}

function shapeError(asked: ApiRequest, fault: ShapeFault, rows?: readonly unknown[]): DTMAnswerShapeError {
  const { row, field, expected } = fault;
  const received =
    typeof fault.received === 'string' ? showValue(asked.redact(fault.received)) : showValue(fault.received);
  const path = [row === undefined ? undefined : `result[${row}]`, field]
    .filter((part) => part !== undefined)
    .join('.');
  const country = asked.query.country ?? countryOf(asked, row === undefined ? undefined : rows?.[row]);
  const got = received === 'undefined' ? 'nothing: it is missing' : received;
  const message = `${requestLabel(asked, country)}: ${path || 'the answer'}: expected ${expected}, got ${got}; nothing of this answer is used`;
  return new DTMAnswerShapeError(message, {
    ...{ url: asked.url, status: 200, path: path || undefined },
    ...{ endpoint: asked.endpoint, level: levelOf(asked.endpoint), country, row, field, expected, received },
  });
}

function countryOf(asked: ApiRequest, row: unknown): string | undefined {
  const { admin0Pcode } = Object(row) as { admin0Pcode?: unknown };
  return typeof admin0Pcode === 'string' ? asked.redact(admin0Pcode).slice(0, 20) : undefined;
}
