// Answers of the wrong shape: HTTP says that all is well, the body does not.

import type { Envelope } from './envelope.ts';
import type { Fault } from './faults.ts';
import type { Row } from './world/rows.ts';

const DEFAULT_FIELD = 'numPresentIdpInd';

/** The row's field that a fault names, or one that it has. */
function fieldOf(fault: Fault, row: Row): string {
  const named = fault.value ?? DEFAULT_FIELD;
  return Object.hasOwn(row, named) ? named : (Object.keys(row)[0] ?? named);
}

function mistyped(row: Row, field: string): Row {
  return { ...row, [field]: typeof row[field] === 'string' ? 12345 : String(row[field]) };
}

function without(row: Row, field: string): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => key !== field));
}

function foreign(fault: Fault, row: Row): Row {
  const other = row.admin0Pcode === 'MNG' ? ['Fiji', 'FJI'] : ['Mongolia', 'MNG'];
  return { ...row, admin0Name: other[0] ?? '', admin0Pcode: fault.value ?? other[1] ?? '' };
}

function corruptRow(fault: Fault, row: Row): Row {
  if (fault.kind === 'type') return mistyped(row, fieldOf(fault, row));
  if (fault.kind === 'missing') return without(row, fieldOf(fault, row));
  return { ...row, reportingDate: fault.value ?? '2023-02-30T00:00:00' };
}

/** The envelope as the fault leaves it; one row in the middle is hit, or all by `extra` and `foreign`. */
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
