// Checks the rows of an answer. The catalogue describes the columns, and no list of them is known: so a row may have any
// column, and only the kind of its values is checked.
import { shapeError } from '../answers/shape-error.ts';
import type { HnaRequest } from './hna-request.ts';
import { isObject } from './levels.ts';

/** A value of a row. A string is well-formed Unicode, a number is finite. */
export type HnaScalar = string | number | boolean | null;

/** A row: a value by the name of its column. */
export type HnaRecord = Readonly<Record<string, HnaScalar>>;

/**
 * Checks that `value` is a list of rows, and returns it.
 * @param path the place of the list in the answer; empty if it is the answer itself
 * @throws {DTMAnswerShapeError} with the first row and column that is wrong
 */
export function checkRecords(request: HnaRequest, value: unknown, path: string): HnaRecord[] {
  if (!Array.isArray(value))
    throw shapeError(request, {
      path,
      field: path || undefined,
      expected: 'an array of rows',
      received: value,
    });
  for (const [row, record] of value.entries()) {
    const place = `${path || 'rows'}[${row}]`;
    if (!isObject(record))
      throw shapeError(request, {
        path: place,
        row,
        field: undefined,
        expected: 'an object',
        received: record,
      });
    for (const [column, received] of Object.entries(record)) {
      if (isScalar(received)) continue;
      const field = request.redact(column).slice(0, 80);
      const expected = 'a string of well-formed Unicode, a finite number, true, false or null';
      throw shapeError(request, { path: `${place}.${field}`, row, field, expected, received });
    }
  }
  return value;
}

function isScalar(value: unknown): value is HnaScalar {
  if (typeof value === 'string') return value.isWellFormed();
  return value === null || typeof value === 'boolean' || Number.isFinite(value);
}
