// The simulator's log of requests, for tests that count and inspect them. It never holds a key.
import type { IncomingMessage } from 'node:http';
import type { Level } from '../dtm/endpoints.ts';
import { isHna, type Target, targetAt } from './endpoints.ts';
import { type Query, queryOf } from './query.ts';

/** A request to the simulator. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly version: Target['version'] | null;
  /** `countries`, `admin0`, ..., or `hna-admin2`, ... of the HNA service. The path if it is none of them. */
  readonly endpoint: string;
  readonly level: Level | null;
  /** ISO3 code, also if the request named the country. */
  readonly country: string | null;
  readonly query: Query;
  /** Headers without the key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: 'none' | 'primary' | 'secondary' | 'wrong';
  /** Number of requests in progress when it arrived, this one included. */
  readonly inFlight: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** HTTP status. 0 before the response, or if there is none. */
  readonly status: number;
  /** Spec of the fault that the request got. */
  readonly fault: string | null;
}

/** The log entry of a request in progress. */
export type OpenLogEntry = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

/** Name of the header with the key, in lower case as in Node. */
export const KEY_HEADER = 'ocp-apim-subscription-key';

/** The valid keys: two of the displacement API, one of the HNA service. */
export interface Keys {
  readonly primary: string;
  readonly secondary: string | undefined;
  readonly hna: string;
}

/** The key of a request. Empty if there is none. */
export const keyOf = (request: IncomingMessage) => String(request.headers[KEY_HEADER] ?? '');

function whichKey(sent: string, keys: Keys, target: Target | null): LoggedRequest['key'] {
  if (sent === '') return 'none';
  if (target !== null && isHna(target)) return sent === keys.hna ? 'primary' : 'wrong';
  if (sent === keys.primary) return 'primary';
  return sent === keys.secondary ? 'secondary' : 'wrong';
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const secret = [KEY_HEADER, 'authorization', 'cookie'];
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => !secret.includes(name))
      .map(([name, value]) => [name, String(value)]),
  );
}

/** Creates the log entry of a request, and finds its endpoint. */
export function createLogEntry(
  request: IncomingMessage,
  keys: Keys,
  options: { readonly inFlight: number; readonly country: (query: Query) => string | null },
): { entry: OpenLogEntry; target: Target | null } {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const target = request.method === 'GET' ? targetAt(url.pathname) : null;
  const query = queryOf(url.searchParams);
  const level = target?.endpoint.startsWith('admin') ? (Number(target.endpoint.slice(-1)) as Level) : null;
  const hnaCountry = target && isHna(target) ? (query.Admin0Pcode ?? null) : null;
  const entry: OpenLogEntry = {
    method: request.method ?? '',
    path: url.pathname,
    version: target?.version ?? null,
    endpoint: target?.endpoint ?? url.pathname,
    level,
    country: level === null ? hnaCountry : options.country(query),
    query,
    headers: headersOf(request),
    key: whichKey(keyOf(request), keys, target),
    inFlight: options.inFlight,
    at: Date.now(),
    status: 0,
    fault: null,
  };
  return { entry, target };
}
