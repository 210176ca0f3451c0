// The rows of every endpoint: each struct is at once the row's type and the check of its fields. Columns are in the
// order in which the API sends them. `type` (not `object`) lets fields pass that we do not know: they are drift, not errors.

import { define, type Infer, nullable, optional, type } from 'superstruct';
import { isCalendarDay } from '../dates.ts';
import type { ApiVersion, Endpoint } from '../endpoints.ts';

/**
 * A struct whose message is what it expects, in words. superstruct's own ones quote the value in theirs, which overflows
 * the stack on deep nesting and trips over a JSON key `toString`.
 */
function structWithMessage<T>(type: string, words: string, isValid: (value: unknown) => boolean) {
  return define<T>(type, (value) => isValid(value) || words);
}

/** A string of the column given by `words`; `holds` sees well-formed Unicode only. */
function stringStruct(words: string, isValid: (value: string) => boolean) {
  return structWithMessage<string>(
    'string',
    words,
    (value) => typeof value === 'string' && value.isWellFormed() && isValid(value),
  );
}

const text = stringStruct('a string of well-formed Unicode', () => true);
const int32 = structWithMessage<number>(
  'int32',
  'an integer of 32 bits',
  (value) => typeof value === 'number' && (value | 0) === value,
);
const midnight = stringStruct(
  'a day that exists, as YYYY-MM-DDT00:00:00',
  (value) => value.endsWith('T00:00:00') && isCalendarDay(value.slice(0, -9)),
);
// Codes of the two lists become paths, so nothing else may stand there.
const iso3 = stringStruct('three capital letters (ISO 3166-1 alpha-3)', (value) => /^[A-Z]{3}$/.test(value));

/** The code of the country that was asked for, and no other. */
export const onlyCountry = (code: string) =>
  stringStruct(
    `"${code}", the country asked for (these are another country's rows)`,
    (value) => value === code,
  );

const isTexts = (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === 'string');
const texts = structWithMessage<string[]>('texts', 'an array of strings', isTexts);
const flag = structWithMessage<boolean>('flag', 'true or false', (value) => typeof value === 'boolean');

/** What stands around the rows; they are checked on their own. */
export const ENVELOPE = type({
  result: structWithMessage<unknown[]>('list', 'an array', Array.isArray),
  statusCode: int32,
  isSuccess: flag,
  errorMessages: texts,
  totalRecordsCount: int32,
});

const isNothing = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);

/** A refusal's envelope: it has no rows, and little else is asked of it. */
export const REFUSAL = type({
  result: optional(structWithMessage<unknown[] | null>('none', 'no rows with isSuccess false', isNothing)),
  statusCode: int32,
  isSuccess: flag,
  errorMessages: texts,
  totalRecordsCount: optional(nullable(int32)),
});

const id = { id: nullable(int32) };
const country = { operation: text, admin0Name: text, admin0Pcode: text };
const admin1 = { admin1Name: nullable(text), admin1Pcode: nullable(text) };
const admin2 = { admin2Name: optional(nullable(text)), admin2Pcode: optional(nullable(text)) };
const countFields = {
  numPresentIdpInd: nullable(int32),
  reportingDate: midnight,
  yearReportingDate: int32,
  monthReportingDate: int32,
  roundNumber: int32,
};
const breakdownFields = {
  displacementReason: nullable(text),
  numberMales: nullable(int32),
  numberFemales: nullable(int32),
  idpOriginAdmin1Name: nullable(text),
  idpOriginAdmin1Pcode: nullable(text),
};
const assessment = { assessmentType: text };

const lists = {
  countries: type({ admin0Name: text, admin0Pcode: iso3 }),
  operations: type({ operation: text, operationStatus: nullable(text), admin0Name: text, admin0Pcode: iso3 }),
};

/** Version and endpoint to the struct of one row. */
export const ROWS = {
  v3: {
    ...lists,
    admin0: type({
      id: optional(nullable(int32)),
      ...country,
      ...countFields,
      ...breakdownFields,
      ...assessment,
    }),
    admin1: type({ ...id, ...country, ...admin1, ...countFields, ...breakdownFields, ...assessment }),
    admin2: type({
      ...id,
      ...country,
      ...admin1,
      ...admin2,
      ...countFields,
      ...breakdownFields,
      ...assessment,
    }),
  },
  v2: {
    ...lists,
    admin0: type({ ...id, ...country, ...countFields, ...assessment }),
    admin1: type({ ...id, ...country, ...admin1, ...countFields, ...assessment }),
    admin2: type({ ...id, ...country, ...admin1, ...admin2, ...countFields, ...assessment }),
  },
};

/** One row of an endpoint in a version of the API. */
export type RowOf<V extends ApiVersion, E extends Endpoint> = Infer<(typeof ROWS)[V][E]>;

export type CountryRow = RowOf<'v3', 'countries'>;
export type OperationRow = RowOf<'v3', 'operations'>;
export type Admin0Row = RowOf<'v3', 'admin0'>;
export type Admin1Row = RowOf<'v3', 'admin1'>;
export type Admin2Row = RowOf<'v3', 'admin2'>;
export type V2Admin0Row = RowOf<'v2', 'admin0'>;
export type V2Admin1Row = RowOf<'v2', 'admin1'>;
export type V2Admin2Row = RowOf<'v2', 'admin2'>;
