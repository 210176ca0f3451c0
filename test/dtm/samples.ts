// Invented rows, with the API's fields in the API's order.

const key = { operation: 'Flood response', admin0Name: 'Newland', admin0Pcode: 'NWL' };
const date = {
  reportingDate: '2024-02-29T00:00:00',
  yearReportingDate: 2024,
  monthReportingDate: 2,
  roundNumber: 3,
};
const breakdown = {
  ...{ displacementReason: 'Conflict', numberMales: 40, numberFemales: 60 },
  ...{ idpOriginAdmin1Name: 'Not available', idpOriginAdmin1Pcode: 'Not available' },
};
const assessment = { assessmentType: 'BA' };
const count = { numPresentIdpInd: 100 };
const north = { admin1Name: 'North', admin1Pcode: 'NW01' };
const port = { admin2Name: 'Port', admin2Pcode: 'NW0101' };

export const COUNTRY = { admin0Name: 'Newland', admin0Pcode: 'NWL' };
export const OPERATION = { operation: 'Flood response', operationStatus: 'Active', ...COUNTRY };

export const V3 = {
  countries: COUNTRY,
  operations: OPERATION,
  admin0: { ...key, ...count, ...date, ...breakdown, ...assessment },
  admin1: { id: 7, ...key, ...north, ...count, ...date, ...breakdown, ...assessment },
  admin2: { id: 8, ...key, ...north, ...port, ...count, ...date, ...breakdown, ...assessment },
};

export const V2 = {
  countries: COUNTRY,
  operations: OPERATION,
  admin0: { id: 6, ...key, ...count, ...date, ...assessment },
  admin1: { id: 7, ...key, ...north, ...count, ...date, ...assessment },
  admin2: { id: 8, ...key, ...north, ...port, ...count, ...date, ...assessment },
};
