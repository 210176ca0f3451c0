// The paths of the HNA service, and of its files. The files are on another host in reality: they need no key, but a token.
import type { HnaEndpoint, HnaVersion } from '../../dtm/hna/endpoints.ts';

/** The endpoint of a request to the HNA service. */
export interface HnaTarget {
  readonly version: HnaVersion;
  readonly endpoint: HnaEndpoint;
}

/** The path of all files. The query of a link says which one. */
export const FILE_PATH = '/hna-files/report.xlsx';

/** Every endpoint by its path. */
export const HNA_TARGETS: Readonly<Record<string, HnaTarget>> = {
  '/HNA/v1/country-list': { version: 'v1', endpoint: 'hna-countries' },
  '/HNA/v1/catalog': { version: 'v1', endpoint: 'hna-catalog' },
  '/HNA/v1/admin2': { version: 'v1', endpoint: 'hna-admin2' },
  '/HNA/v1/download': { version: 'v1', endpoint: 'hna-download' },
  [FILE_PATH]: { version: 'v1', endpoint: 'hna-file' },
};
