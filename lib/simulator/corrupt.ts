// Answers of the wrong shape: the HTTP status is 200, but the body breaks the API's contract.
import type { Envelope } from './envelope.ts';
import type { Fault } from './faults.ts';
import type { Row } from './world/rows.ts';

const DEFAULT_FIELD = 'numPresentIdpInd';

/** The field that a fault names, or the first field of the row if it has none of that name. */
function fieldOf(fault: Fault, row: Row): string {
  const name = fault.value ?? DEFAULT_FIELD;
  return Object.hasOwn(row, name) ? name : (Object.keys(row)[0] ?? name);
}

function mistyped(row: Row, field: string): Row {
  return { ...row, [field]: typeof row[field] === 'string' ? 12345 : String(row[field]) };
}

function without(row: Row, field: string): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => key !== field));
}

function foreign(fault: Fault, row: Row): Row {
  const otherCountry = row.admin0Pcode === 'MNG' ? ['Fiji', 'FJI'] : ['Mongolia', 'MNG'];
  return { ...row, admin0Name: otherCountry[0] ?? '', admin0Pcode: fault.value ?? otherCountry[1] ?? '' };
}

function corruptRow(fault: Fault, row: Row): Row {
  if (fault.kind === 'type') return mistyped(row, fieldOf(fault, row));
  if (fault.kind === 'missing') return without(row, fieldOf(fault, row));
  return { ...row, reportingDate: fault.value ?? '2023-02-30T00:00:00' };
}

/**
 * Applies a fault to an envelope. `extra` and `foreign` change all rows, `count` the total; other faults change the middle
 * row.
 */
export function corrupt(envelope: Envelope, fault: Fault): Envelope {
  const { result, totalRecordsCount } = envelope;
  if (fault.kind === 'count')
    return { ...envelope, totalRecordsCount: totalRecordsCount + Number(fault.value ?? 1) };
  if (fault.kind === 'extra') {
    return {
      ...envelope,
      result: result.map((row) => ({ ...row, [fault.value ?? 'hazardSubType']: 'Flood' })),
    };
  }
  if (fault.kind === 'foreign') return { ...envelope, result: result.map((row) => foreign(fault, row)) };
  const middle = result.length >> 1;
  return { ...envelope, result: result.map((row, i) => (i === middle ? corruptRow(fault, row) : row)) };
}
