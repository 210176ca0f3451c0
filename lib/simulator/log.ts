// What the simulator remembers of a request, so that tests can count and look. Never a key.

import type { IncomingMessage } from 'node:http';
import type { ApiVersion, Level } from '../dtm/endpoints.ts';
import { type Target, targetAt } from './endpoints.ts';
import { type Query, queryOf } from './query.ts';

/** A request that arrived. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly version: ApiVersion | null;
  /** `countries`, `operations`, `admin0`, `admin1`, `admin2`, or the path when it is none of them. */
  readonly endpoint: string;
  readonly level: Level | null;
  /** ISO3, also when the country was asked for by name. */
  readonly country: string | null;
  readonly query: Query;
  /** Headers without the key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: 'none' | 'primary' | 'secondary' | 'wrong';
  /** Requests under way when it arrived, itself included. */
  readonly inFlight: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** HTTP status; 0 until there is an answer, and for good when there is none. */
  readonly status: number;
  /** Spec of the fault that struck it. */
  readonly fault: string | null;
}

/** A log entry while its request is under way. */
export type OpenLogEntry = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

/** Name of the header that carries the key, in lower case as Node has it. */
export const KEY_HEADER = 'ocp-apim-subscription-key';

/** The two keys that open the API. */
export interface Keys {
  readonly primary: string;
  readonly secondary: string | undefined;
}

/** The key that a request carries, '' if none. */
export const keyOf = (request: IncomingMessage) => String(request.headers[KEY_HEADER] ?? '');

function whichKey(sent: string, keys: Keys): LoggedRequest['key'] {
  if (sent === '') return 'none';
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

/** The entry of a request, and the endpoint that it is for. */
export function createLogEntry(
  request: IncomingMessage,
  keys: Keys,
  options: { readonly inFlight: number; readonly country: (query: Query) => string | null },
): { entry: OpenLogEntry; target: Target | null } {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const target = request.method === 'GET' ? targetAt(url.pathname) : null;
  const query = queryOf(url.searchParams);
  const level = target?.endpoint.startsWith('admin') ? (Number(target.endpoint.slice(-1)) as Level) : null;
  const entry: OpenLogEntry = {
    method: request.method ?? '',
    path: url.pathname,
    version: target?.version ?? null,
    endpoint: target?.endpoint ?? url.pathname,
    level,
    country: level === null ? null : options.country(query),
    query,
    headers: headersOf(request),
    key: whichKey(keyOf(request), keys),
    inFlight: options.inFlight,
    at: Date.now(),
    status: 0,
    fault: null,
  };
  return { entry, target };
}
