// The endpoints of the HNA service (humanitarian needs assessments): another service of the same gateway, with its own key.

/** Versions of the HNA service. */
export const HNA_VERSIONS = ['v1'] as const;
export type HnaVersion = (typeof HNA_VERSIONS)[number];

/** One of the four read endpoints, or the file that a download link leads to. */
export type HnaEndpoint = 'hna-countries' | 'hna-catalog' | 'hna-admin2' | 'hna-download' | 'hna-file';

/** API: paths below the base URL. */
export const HNA_PATHS: Record<Exclude<HnaEndpoint, 'hna-file'>, string> = {
  'hna-countries': '/HNA/v1/country-list',
  'hna-catalog': '/HNA/v1/catalog',
  'hna-admin2': '/HNA/v1/admin2',
  'hna-download': '/HNA/v1/download',
};
