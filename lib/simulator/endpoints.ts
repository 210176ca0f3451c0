// The API's paths. The client has its own copy: a shared table would hide the client's mistakes.
import type { ApiVersion, Endpoint } from '../dtm/endpoints.ts';

/** The API version and endpoint of a request. */
export interface Target {
  readonly version: ApiVersion;
  readonly endpoint: Endpoint;
}

const TARGETS: Readonly<Record<string, Target>> = {
  '/v3/displacement/country-list': { version: 'v3', endpoint: 'countries' },
  '/v3/displacement/operation-list': { version: 'v3', endpoint: 'operations' },
  '/v3/displacement/admin0': { version: 'v3', endpoint: 'admin0' },
  '/v3/displacement/admin1': { version: 'v3', endpoint: 'admin1' },
  '/v3/displacement/admin2': { version: 'v3', endpoint: 'admin2' },
  '/v2/CountryList': { version: 'v2', endpoint: 'countries' },
  '/v2/OperationList': { version: 'v2', endpoint: 'operations' },
  '/v2/IdpAdmin0Data': { version: 'v2', endpoint: 'admin0' },
  '/v2/IdpAdmin1Data': { version: 'v2', endpoint: 'admin1' },
  '/v2/IdpAdmin2Data': { version: 'v2', endpoint: 'admin2' },
};

/** The endpoint at a path. Null if there is none. */
export function targetAt(path: string): Target | null {
  return Object.hasOwn(TARGETS, path) ? (TARGETS[path] ?? null) : null;
}
