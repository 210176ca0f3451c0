// Reads the body of an answer into rows, with its pagination.
import { findExcess } from '../answers/json-size.ts';
import { parseJson } from '../answers/parse-json.ts';
import { flag } from '../answers/row-structs.ts';
import { shapeError } from '../answers/shape-error.ts';
import type { HnaRequest } from './hna-request.ts';
import { fieldsOf, type Innermost, isObject, placeOf, refusal, unwrap } from './levels.ts';
import { checkRecords, type HnaRecord } from './records.ts';

/** The rows of one answer. */
export interface HnaRows {
  readonly rows: HnaRecord[];
  /** Whether the API has a page after this one. Null if the answer does not say it. */
  readonly hasNextPage: boolean | null;
  /** The API's description of the page, as received. Null if there is none. */
  readonly pagination: Readonly<Record<string, unknown>> | null;
}

/**
 * Parses a body and follows its levels.
 * @throws {DTMApiRequestError} if it is not JSON in UTF-8 (retryable)
 * @throws {DTMAnswerShapeError | DTMApiResponseError} as `unwrap`
 */
export function readLevels(request: HnaRequest, body: Uint8Array): Innermost {
  const excess = findExcess(body);
  if (excess !== undefined) throw shapeError(request, { path: undefined, field: undefined, ...excess });
  return unwrap(request, parseJson(request, body));
}

/** Reads rows: a bare list, a list in `result`, or `data` with `pagination`. @throws as `readLevels` */
export function readRows(request: HnaRequest, body: Uint8Array): HnaRows {
  const { path, value, fields } = readLevels(request, body);
  if (fields === null)
    return { rows: checkRecords(request, value, path), hasNextPage: null, pagination: null };
  if (!('data' in fields)) throwMessage(request, fields);
  return {
    rows: checkRecords(request, fields.data, placeOf(path, 'data')),
    ...readPagination(request, fields.pagination ?? null, placeOf(path, 'pagination')),
  };
}

/** Reads the rows of a list. @throws as `readRows`, and {DTMAnswerShapeError} if the API has more pages of it */
export function readWholeList(request: HnaRequest, body: Uint8Array): HnaRows {
  const list = readRows(request, body);
  const fault = { path: 'hasNextPage', field: 'hasNextPage', expected: 'the whole list', received: true };
  if (list.hasNextPage) throw shapeError(request, fault);
  return list;
}

/** An object without a result that has a message is an error of the gateway. */
export function throwMessage(request: HnaRequest, fields: Innermost['fields']): void {
  const { message, detail, title, error } = fields ?? {};
  const text = [message, detail, title, error].find((each) => typeof each === 'string' && each !== '');
  if (text !== undefined) throw refusal(request, [String(text)], 'the API answered with a message');
}

function readPagination(
  request: HnaRequest,
  pagination: unknown,
  path: string,
): Pick<HnaRows, 'hasNextPage' | 'pagination'> {
  if (pagination === null) return { hasNextPage: null, pagination: null };
  if (!isObject(pagination))
    throw shapeError(request, {
      ...{ path, field: 'pagination', expected: 'an object or null', received: pagination },
    });
  const structs = { hasNextPage: flag };
  const { hasNextPage } = fieldsOf(request, pagination, { path, keys: ['hasNextPage'], structs });
  return { hasNextPage: hasNextPage as boolean, pagination };
}
