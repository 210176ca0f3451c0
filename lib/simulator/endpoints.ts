// The API's paths, written out again: a double that shared the client's table could not find a mistake in it.

import type { ApiVersion, Endpoint } from '../dtm/endpoints.ts';

/** Where a request arrives. */
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

/** The endpoint at a path, or null. */
export function targetAt(path: string): Target | null {
  return Object.hasOwn(TARGETS, path) ? (TARGETS[path] ?? null) : null;
}
