// The public API of the package: the exports of `import ... from 'dtm-exporter'`. No file of the project imports this one.

export type { ProxyEnv } from '../environment/proxy-variables.ts';
export type { Envelope, Outcome, RawAnswer } from './answers/read-answer.ts';
export type {
  Admin0Row,
  Admin1Row,
  Admin2Row,
  CountryRow,
  OperationRow,
  RowOf,
  V2Admin0Row,
  V2Admin1Row,
  V2Admin2Row,
} from './answers/row-structs.ts';
export type { AskOptions, CallOptions } from './api-request.ts';
export { DTMApi } from './client.ts';
export { type ApiVersion, DEFAULT_BASE_URL, type Endpoint, type Level } from './endpoints.ts';
export {
  DTMAnswerShapeError,
  DTMApiError,
  DTMApiRequestError,
  DTMApiResponseError,
  DTMApiTimeoutError,
  DTMApiVersionError,
  DTMAuthenticationError,
  DTMFileError,
  DTMFirewallError,
  DTMUnknownCountryError,
  type RequestFailure,
  ValidationError,
} from './errors.ts';
export {
  type AllPagesOptions,
  type DownloadOptions,
  DTMHnaApi,
  type DTMHnaApiOptions,
  type HnaPage,
} from './hna/client.ts';
export type { HnaEndpoint, HnaVersion } from './hna/endpoints.ts';
export type { HnaDownloadLink } from './hna/link.ts';
export type { HnaPageQuery, HnaQuery } from './hna/query.ts';
export type { HnaRecord, HnaScalar } from './hna/records.ts';
export type { Logger, LogLine } from './logger.ts';
export type { DTMApiOptions } from './options.ts';
export type { Admin0Query, Admin1Query, Admin2Query, ListQuery, QueryOf } from './query.ts';
