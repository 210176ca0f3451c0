// The structs of every endpoint's rows. A struct gives the type of a row and checks its fields. Fields are in the order in
// which the API sends them. `type` accepts unknown fields, where `object` would not: such fields are drift, not errors.
import { define, type Infer, nullable, optional, type } from 'superstruct';
import { isCalendarDay } from '../dates.ts';
import type { ApiVersion, Endpoint } from '../endpoints.ts';

/**
 * A struct whose error message says what is expected. The messages of superstruct's own structs quote the value: this overflows
 * the stack if the value is deeply nested, and fails if it has a key `toString`.
 */
function structWithMessage<T>(type: string, expected: string, isValid: (value: unknown) => boolean) {
  return define<T>(type, (value) => isValid(value) || expected);
}

/** A struct of strings. `isValid` is only called with well-formed Unicode. */
function stringStruct(expected: string, isValid: (value: string) => boolean) {
  return structWithMessage<string>(
    'string',
    expected,
    (value) => typeof value === 'string' && value.isWellFormed() && isValid(value),
  );
}

/** Accepts any string of well-formed Unicode. */
export const text = stringStruct('a string of well-formed Unicode', () => true);
const int32 = structWithMessage<number>(
  'int32',
  'an integer of 32 bits',
  (value) => typeof value === 'number' && (value | 0) === value,
);
const midnight = stringStruct(
  'a day that exists, as YYYY-MM-DDT00:00:00',
  (value) => value.endsWith('T00:00:00') && isCalendarDay(value.slice(0, -9)),
);
// The codes of the two lists become parts of paths, so only this form is accepted.
const iso3 = stringStruct('three capital letters (ISO 3166-1 alpha-3)', (value) => /^[A-Z]{3}$/.test(value));

/** Accepts only the code of the requested country. */
export const onlyCountry = (code: string) =>
  stringStruct(
    `"${code}", the country asked for (these are another country's rows)`,
    (value) => value === code,
  );

const isStringArray = (value: unknown) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
/** Accepts an array of strings. */
export const texts = structWithMessage<string[]>('texts', 'an array of strings', isStringArray);
/** Accepts true and false. */
export const flag = structWithMessage<boolean>(
  'flag',
  'true or false',
  (value) => typeof value === 'boolean',
);

/** The envelope around the rows. The rows are checked separately. */
export const ENVELOPE = type({
  result: structWithMessage<unknown[]>('list', 'an array', Array.isArray),
  statusCode: int32,
  isSuccess: flag,
  errorMessages: texts,
  totalRecordsCount: int32,
});

const isNullOrEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);

/** The envelope of a refusal: no rows, and fewer required fields. */
export const REFUSAL = type({
  result: optional(
    structWithMessage<unknown[] | null>('none', 'no rows with isSuccess false', isNullOrEmpty),
  ),
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

/** The struct of one row, by version and endpoint. */
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

/** One row of an endpoint, in a version of the API. */
export type RowOf<V extends ApiVersion, E extends Endpoint> = Infer<(typeof ROWS)[V][E]>;

export type CountryRow = RowOf<'v3', 'countries'>;
export type OperationRow = RowOf<'v3', 'operations'>;
export type Admin0Row = RowOf<'v3', 'admin0'>;
export type Admin1Row = RowOf<'v3', 'admin1'>;
export type Admin2Row = RowOf<'v3', 'admin2'>;
export type V2Admin0Row = RowOf<'v2', 'admin0'>;
export type V2Admin1Row = RowOf<'v2', 'admin1'>;
export type V2Admin2Row = RowOf<'v2', 'admin2'>;
