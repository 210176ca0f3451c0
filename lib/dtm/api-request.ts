import type { ApiVersion, Endpoint } from './endpoints.ts';
import type { CheckedQuery } from './query.ts';

/** One request to the API. Its answer is checked against it, and messages name it. */
export interface ApiRequest {
  readonly version: ApiVersion;
  readonly endpoint: Endpoint;
  readonly query: CheckedQuery;
  /** The whole address. It holds no secret. */
  readonly url: string;
  /** Removes keys from a text of the server. Call it before the text is cut or quoted. */
  readonly redact: (text: string) => string;
}

/** The name of a request in messages: `admin2 HTI`, `admin0 Flood response`, `countries`. */
export function requestLabel({ endpoint, query }: ApiRequest, country = query.country): string {
  const subject = country ?? query.operation;
  return subject === undefined ? endpoint : `${endpoint} ${subject}`;
}

/** Options of every call. */
export interface CallOptions {
  /** If it is aborted, the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `ask`. */
export interface AskOptions extends CallOptions {
  /** SHA-256 of a body that was parsed before. If the same body comes again, it is not parsed and the outcome is `known`. */
  readonly knownSha256?: string | undefined;
  /**
   * Largest answer of this call in bytes, after decompression. The client's `maxBytes` applies as well: the smaller one
   * wins.
   */
  readonly maxBytes?: number | undefined;
}
