// The API's paths. The client has its own copy: a shared table would hide the client's mistakes.
import type { ApiVersion, Endpoint } from '../dtm/endpoints.ts';
import { HNA_TARGETS, type HnaTarget } from './hna/targets.ts';

/** The API version and endpoint of a request to the displacement API. */
export interface DisplacementTarget {
  readonly version: ApiVersion;
  readonly endpoint: Endpoint;
}

/** The version and endpoint of a request to one of the two services. */
export type Target = DisplacementTarget | HnaTarget;

/** True for the HNA service. */
export const isHna = (target: Target): target is HnaTarget => target.version === 'v1';

const TARGETS: Readonly<Record<string, Target>> = {
  ...HNA_TARGETS,
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
