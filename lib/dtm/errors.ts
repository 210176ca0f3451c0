// Every way in which a call can fail, one class each. No text here ever holds a key: who builds an error passes
// what the server sent through the key ring's `redact` first, and before cutting it short.

import type { Endpoint, Level } from './endpoints.ts';

/** What is known when a call fails; `url` never holds a secret, `elapsed` is in seconds, `status` is HTTP's. */
export interface ErrorDetails {
  readonly url?: string | undefined;
  readonly status?: number | undefined;
  readonly attempts?: number | undefined;
  readonly elapsed?: number | undefined;
  readonly errorMessages?: readonly string[] | undefined;
  readonly path?: string | undefined;
  readonly cause?: unknown;
}

/** Base of all errors of the API; `attempts` counts requests sent, `elapsed` the seconds since the first of them. */
export class DTMApiError extends Error {
  override readonly name: string = 'DTMApiError';
  readonly url: string | undefined;
  readonly status: number | undefined;
  /** The API's own words, as in its envelope. */
  readonly errorMessages: readonly string[];
  /** Where in the answer: `result[3].numberMales`. */
  readonly path: string | undefined;
  /** Set when the call gives up. */
  attempts: number;
  /** Set when the call gives up. */
  elapsed: number;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.url = details.url;
    this.status = details.status;
    this.errorMessages = details.errorMessages ?? [];
    this.path = details.path;
    this.attempts = details.attempts ?? 0;
    this.elapsed = details.elapsed ?? 0;
  }
}

/** There is no key, or the API refuses it: HTTP 401, or 403 in JSON. */
export class DTMAuthenticationError extends DTMApiError {
  override readonly name: string = 'DTMAuthenticationError';
}

/** The API answered and refused the query (`isSuccess` false); its words are in `errorMessages`. */
export class DTMApiResponseError extends DTMApiError {
  override readonly name: string = 'DTMApiResponseError';
}

/** The API does not know the country's code or name. */
export class DTMUnknownCountryError extends DTMApiResponseError {
  override readonly name: string = 'DTMUnknownCountryError';
}

/** Why a request brought no usable answer; `network`, `cut` and `not-json` are worth another try, the rest only by status. `proxy`: it did not let the request pass. */
export type RequestFailure =
  | 'network'
  | 'cut'
  | 'not-json'
  | 'too-large'
  | 'encoding'
  | 'redirect'
  | 'proxy'
  | 'status';

/** The request brought no usable answer; `retryAfter` is what the server asked for, in seconds. */
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

/** The web application firewall turned the request away (403 without JSON) before the key was looked at. */
export class DTMFirewallError extends DTMApiRequestError {
  override readonly name: string = 'DTMFirewallError';
}

/** No whole answer in time. */
export class DTMApiTimeoutError extends DTMApiError {
  override readonly name: string = 'DTMApiTimeoutError';
}

/** The version asked for is neither v2 nor v3. */
export class DTMApiVersionError extends DTMApiError {
  override readonly name: string = 'DTMApiVersionError';
}

/** Where an answer's shape is wrong, and how; `received` is short and safe to print. */
export interface ShapeErrorDetails {
  readonly endpoint: Endpoint;
  readonly level: Level | undefined;
  readonly country: string | undefined;
  readonly row: number | undefined;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: string;
}

/** The answer is JSON, yet not what the API's contract says: nothing of it is used, and asking again would not help. */
export class DTMAnswerShapeError extends DTMApiError implements ShapeErrorDetails {
  override readonly name: string = 'DTMAnswerShapeError';
  readonly endpoint: Endpoint;
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

/** A parameter or option is wrong; found before any request. */
export class ValidationError extends Error {
  override readonly name: string = 'ValidationError';
  readonly parameter: string;
  /** What was given, or `[hidden]` for a key. */
  readonly value: unknown;

  constructor(parameter: string, value: unknown, message: string) {
    super(message);
    this.parameter = parameter;
    this.value = value;
  }
}
