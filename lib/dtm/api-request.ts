import type { ApiVersion, Endpoint } from './endpoints.ts';
import type { CheckedQuery } from './query.ts';

/** What every request has in common, whatever it asks for. Messages and log lines name it. */
export interface HttpRequest {
  readonly endpoint: string;
  readonly query: {
    readonly country: string | undefined;
    readonly operation: string | undefined;
    readonly page?: number | undefined;
  };
  /** The whole address, for messages and logs. It holds no secret. */
  readonly url: string;
  /** The address to send the request to, if it holds a secret: a link with a token. */
  readonly secretUrl?: string | undefined;
  /** Removes secrets from a text of the server. Call it before the text is cut or quoted. */
  readonly redact: (text: string) => string;
}

/** One request to the API. Its answer is checked against it, and messages name it. */
export interface ApiRequest extends HttpRequest {
  readonly version: ApiVersion;
  readonly endpoint: Endpoint;
  readonly query: CheckedQuery;
}

/** The name of a request in messages: `admin2 HTI`, `admin0 Flood response`, `countries`, `hna-admin2 NGA page 3`. */
export function requestLabel({ endpoint, query }: HttpRequest, country = query.country): string {
  const page = query.page === undefined ? undefined : `page ${query.page}`;
  return [endpoint, country ?? query.operation, page].filter((part) => part !== undefined).join(' ');
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
