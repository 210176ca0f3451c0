import type { ApiVersion, Endpoint } from './endpoints.ts';
import type { CheckedQuery } from './query.ts';

/** One question to the API: what an answer is held against, and how messages speak of it. */
export interface ApiRequest {
  readonly version: ApiVersion;
  readonly endpoint: Endpoint;
  readonly query: CheckedQuery;
  /** The whole address; there is no secret in it. */
  readonly url: string;
  /** Takes keys out of what the server sent; to be called before such text is cut or quoted. */
  readonly redact: (text: string) => string;
}

/** How messages name a question: `admin2 HTI`, `admin0 Flood response`, `countries`. */
export function requestLabel({ endpoint, query }: ApiRequest, country = query.country): string {
  const subject = country ?? query.operation;
  return subject === undefined ? endpoint : `${endpoint} ${subject}`;
}

/** What any call takes besides its query. */
export interface CallOptions {
  /** Aborting it rejects the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What the lower call takes besides its query. */
export interface AskOptions extends CallOptions {
  /** SHA-256 of a body that was read before: should it come again, it is not read, and the outcome is `known`. */
  readonly knownSha256?: string | undefined;
  /** Largest answer of this call after decompression: the client's own bound, if that is less. */
  readonly maxBytes?: number | undefined;
}
