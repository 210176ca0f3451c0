// Unwraps the answer. API: the gateway wraps a result more than once, and each level may say that it failed:
// {result: {result: {data, pagination}, isSuccess, errorMessages}, id, exception, status}. Keys begin with a small or a
// capital letter: services on .NET send either.
import { nullable, optional, type } from 'superstruct';
import { checkRows, type FieldStructs, isFault } from '../answers/check-rows.ts';
import { flag, texts } from '../answers/row-structs.ts';
import { shapeError } from '../answers/shape-error.ts';
import { requestLabel } from '../api-request.ts';
import { DTMApiResponseError } from '../errors.ts';
import type { HnaRequest } from './hna-request.ts';

/** The largest number of levels. API: two were described. */
const MAX_LEVELS = 6;

/** The keys of a level that mean something. */
const KEYS: readonly string[] = [
  ...['result', 'data', 'pagination', 'isSuccess', 'errorMessages', 'exception'],
  ...['downloadUrl', 'fileName', 'expiresAt', 'message', 'detail', 'title', 'error'],
];

const LEVEL = type({ isSuccess: optional(flag), errorMessages: optional(nullable(texts)) });

/** The fields of a level by their names with a small first letter. */
export type LevelFields = Readonly<Record<string, unknown>>;

/** What is inside all levels. `fields` is null if it is no object; `path` is empty if there is no level around it. */
export interface Innermost {
  readonly path: string;
  readonly value: unknown;
  readonly fields: LevelFields | null;
}

/**
 * Follows `result` to the innermost level, and checks every level on the way.
 * @throws {DTMApiResponseError} if a level reports a failure
 * @throws {DTMAnswerShapeError} if a level has another shape, or if there are too many
 */
export function unwrap(request: HnaRequest, json: unknown): Innermost {
  let value = json;
  let path = '';
  for (let depth = 0; isObject(value); depth++) {
    const expected = `at most ${MAX_LEVELS} levels of "result"`;
    if (depth === MAX_LEVELS)
      throw shapeError(request, { path, field: 'result', expected, received: 'one more' });
    const fields = checkLevel(request, value, path);
    if ((fields.result ?? null) === null) return { path, value, fields };
    path = placeOf(path, 'result');
    value = fields.result;
  }
  return { path, value, fields: null };
}

/** The path of a key below a level. */
export const placeOf = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** True for objects that are no arrays. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The error of an answer with HTTP 200 that says why it has no result. */
export function refusal(request: HnaRequest, messages: readonly string[], what: string): DTMApiResponseError {
  const errorMessages = messages.map((message) => request.redact(message).slice(0, 300));
  const reason = errorMessages.join(' ') || 'no reason given';
  const details = { url: request.url, status: 200, errorMessages };
  return new DTMApiResponseError(`${requestLabel(request)}: ${what}: ${reason}`, details);
}

/**
 * The fields of an object, each by its name with a small first letter.
 * @throws {DTMAnswerShapeError} if a field is there in both spellings, or does not fit its struct
 */
export function fieldsOf(
  request: HnaRequest,
  value: Readonly<Record<string, unknown>>,
  { path, keys, structs }: { path: string; keys: readonly string[]; structs: FieldStructs },
): LevelFields {
  const fields: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    const name = key.charAt(0).toLowerCase() + key.slice(1);
    if (!keys.includes(name)) continue;
    const expected = 'one spelling of the key';
    if (Object.hasOwn(fields, name))
      throw shapeError(request, { path: placeOf(path, name), field: name, expected, received: 'two' });
    fields[name] = each;
  }
  const checked = checkRows([fields], structs);
  if (!isFault(checked)) return fields;
  const { field = '', expected, received } = checked;
  throw shapeError(request, { path: placeOf(path, field), field, expected, received });
}

function checkLevel(
  request: HnaRequest,
  value: Readonly<Record<string, unknown>>,
  path: string,
): LevelFields {
  const fields = fieldsOf(request, value, { path, keys: KEYS, structs: LEVEL.schema });
  const { exception, isSuccess, errorMessages, result, data } = fields;
  if ((exception ?? '') !== '')
    throw refusal(request, [exceptionText(exception)], 'the API reported an exception');
  if (isSuccess === false)
    throw refusal(request, (errorMessages ?? []) as string[], 'the API refused the query');
  if ((result ?? null) !== null && (data ?? null) !== null)
    throw shapeError(request, {
      ...{ path: placeOf(path, 'data'), field: 'data' },
      ...{ expected: 'either data or result', received: 'both' },
    });
  return fields;
}

function exceptionText(exception: unknown): string {
  if (typeof exception === 'string') return exception;
  const { message, Message } = Object(exception) as { message?: unknown; Message?: unknown };
  const text = message ?? Message;
  return typeof text === 'string' ? text : 'an exception without a message';
}
