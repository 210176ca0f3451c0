// The errors of the client, one class for each kind of failure. No error holds a key: the code that builds one removes keys
// from the server's texts with the key ring's `redact`, before it cuts them.
// http/retry.ts decides what is retried: "retried" means up to `maxRetries` times, within `maxElapsed`.
import type { Endpoint, Level } from './endpoints.ts';
import type { HnaEndpoint } from './hna/endpoints.ts';

/** Fields of an error of the API: `url` holds no secret, `status` is the HTTP status, `elapsed` is in seconds. */
export interface ErrorDetails {
  readonly url?: string | undefined;
  readonly status?: number | undefined;
  readonly attempts?: number | undefined;
  readonly elapsed?: number | undefined;
  readonly errorMessages?: readonly string[] | undefined;
  readonly path?: string | undefined;
  readonly cause?: unknown;
}

/** Base class of all errors of the API. It is never thrown itself. */
export class DTMApiError extends Error {
  override readonly name: string = 'DTMApiError';
  /** Address of the request, without secrets. Undefined if no request was built. */
  readonly url: string | undefined;
  /** HTTP status. Undefined if no response began. */
  readonly status: number | undefined;
  /** Messages of the API, from its envelope or the gateway's error body. */
  readonly errorMessages: readonly string[];
  /** Position in the answer: `result[3].numberMales`. */
  readonly path: string | undefined;
  /** The service that failed: `displacement` (DTMApi) or `hna` (DTMHnaApi). */
  service: 'displacement' | 'hna';
  /** Number of requests sent. It is set when the call gives up. */
  attempts: number;
  /** Seconds since the first request. It is set when the call gives up. */
  elapsed: number;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.url = details.url;
    this.status = details.status;
    this.errorMessages = details.errorMessages ?? [];
    this.path = details.path;
    this.service = 'displacement';
    this.attempts = details.attempts ?? 0;
    this.elapsed = details.elapsed ?? 0;
  }
}

/**
 * Thrown by the client's constructor if there is no key, and by a call if the API refuses the key (HTTP 401, or 403 in JSON).
 * Fields: `status`, `url` and `errorMessages`, if the API refused the key.
 * Not retried. After a 401 the call first tries the secondary key once, if there is one.
 */
export class DTMAuthenticationError extends DTMApiError {
  override readonly name: string = 'DTMAuthenticationError';
}

/**
 * Thrown if the API answers with HTTP 200 and refuses the query (`isSuccess` is false).
 * Fields: `errorMessages` (the reason), `url`, `status`. Not retried.
 */
export class DTMApiResponseError extends DTMApiError {
  override readonly name: string = 'DTMApiResponseError';
}

/**
 * Thrown by the `getIdp...` methods if the API does not know the country's code or name. `ask` returns the outcome
 * `unknown-country` instead.
 * Fields: `errorMessages`, `url`, `status`. Not retried.
 */
export class DTMUnknownCountryError extends DTMApiResponseError {
  override readonly name: string = 'DTMUnknownCountryError';
}

/**
 * Why there is no usable answer. `network`, `cut` and `not-json` are retried. `status` and `proxy` are retried if the HTTP
 * status is 408, 425, 429, 500, 502 to 504 or 520 to 524. The others are not retried.
 */
export type RequestFailure =
  /** No response: the server or the proxy could not be reached, or the connection was lost. */
  | 'network'
  /** The connection was lost in the middle of the body, or its compressed data is damaged. Or a workbook is not whole. */
  | 'cut'
  /** The content type is not JSON, or the body is not JSON in UTF-8. */
  | 'not-json'
  /** The body has more than `maxBytes` bytes after decompression, or there are more than `maxPages` pages. */
  | 'too-large'
  /** The content encoding is neither gzip nor none. */
  | 'encoding'
  /** A redirect, which is never followed: the key must not travel to another host. */
  | 'redirect'
  /** The proxy refused the request. */
  | 'proxy'
  /** Any other HTTP status than 200. */
  | 'status';

/**
 * Thrown if a request brings no usable answer.
 * Fields: `reason`; `status` if a response began; `retryAfter` in seconds if the server sent that header; `cause` if the
 * system reported an error.
 * Retried or not: `reason` decides (see `RequestFailure`).
 */
export class DTMApiRequestError extends DTMApiError {
  override readonly name: string = 'DTMApiRequestError';
  readonly reason: RequestFailure;
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    details: ErrorDetails & { reason: RequestFailure; retryAfter?: number | undefined },
  ) {
    super(message, details);
    this.reason = details.reason;
    this.retryAfter = details.retryAfter;
  }
}

/**
 * Thrown if the web application firewall blocks the request (HTTP 403 that is not JSON). The key was not checked.
 * Fields: as DTMApiRequestError, with `reason` `status`. Not retried.
 */
export class DTMFirewallError extends DTMApiRequestError {
  override readonly name: string = 'DTMFirewallError';
}

/**
 * Thrown if the API does not send the whole answer within `timeout` seconds, or in the rest of `maxElapsed`.
 * Fields: `url`; `status` if the headers had arrived. Retried.
 */
export class DTMApiTimeoutError extends DTMApiError {
  override readonly name: string = 'DTMApiTimeoutError';
}

/**
 * Thrown by the client's constructor if `apiVersion` is neither v2 nor v3.
 * Its fields are empty and there is no retry, because no request was sent.
 */
export class DTMApiVersionError extends DTMApiError {
  override readonly name: string = 'DTMApiVersionError';
}

/** What is wrong with an answer, and where: `row` counts from 0, `received` is short and safe to print. */
export interface ShapeErrorDetails {
  readonly endpoint: Endpoint | HnaEndpoint;
  readonly level: Level | undefined;
  readonly country: string | undefined;
  readonly row: number | undefined;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: string;
}

/**
 * Thrown if the answer is JSON but breaks the API's contract: a field is missing or has another type, the count is wrong,
 * or the rows are another country's. No part of the answer is used.
 * Fields: those of `ShapeErrorDetails`, `path`, `url`, `status`.
 * Not retried, because the next answer would be the same.
 */
export class DTMAnswerShapeError extends DTMApiError implements ShapeErrorDetails {
  override readonly name: string = 'DTMAnswerShapeError';
  readonly endpoint: Endpoint | HnaEndpoint;
  readonly level: Level | undefined;
  readonly country: string | undefined;
  readonly row: number | undefined;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: string;

  constructor(message: string, details: ErrorDetails & ShapeErrorDetails) {
    super(message, details);
    this.endpoint = details.endpoint;
    this.level = details.level;
    this.country = details.country;
    this.row = details.row;
    this.field = details.field;
    this.expected = details.expected;
    this.received = details.received;
  }
}

/**
 * Thrown if a downloaded file cannot be written. Nothing is left of it, and a file of that name stays as it was.
 * Fields: `filePath`, `code` (the system's, such as ENOSPC), `cause`. Not retried.
 * Note: it is not a DTMApiError, because the API is not the cause.
 */
export class DTMFileError extends Error {
  override readonly name: string = 'DTMFileError';
  readonly filePath: string;
  readonly code: string | undefined;

  constructor(
    filePath: string,
    message: string,
    { code, cause }: { code?: string | undefined; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.filePath = filePath;
    this.code = code;
  }
}

/**
 * Thrown if a parameter or an option is invalid, before a request is sent.
 * Fields: `parameter`, `value`. Not retried.
 * Note: it is not a DTMApiError, because the mistake is in the calling code.
 */
export class ValidationError extends Error {
  override readonly name: string = 'ValidationError';
  readonly parameter: string;
  /** The invalid value. `[hidden]` if it may hold a secret. */
  readonly value: unknown;

  constructor(parameter: string, value: unknown, message: string) {
    super(message);
    this.parameter = parameter;
    this.value = value;
  }
}
