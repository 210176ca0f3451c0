// The API's endpoints: versions, levels, paths and headers.

/** The API's versions: `v3` is current, `v2` is legacy (no reason, sex or origin). */
export const API_VERSIONS = ['v3', 'v2'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** Administrative level: 0 country, 1 first subdivision, 2 second subdivision. */
export const LEVELS = [0, 1, 2] as const;
export type Level = (typeof LEVELS)[number];

/** One of the five read endpoints. */
export type Endpoint = 'countries' | 'operations' | 'admin0' | 'admin1' | 'admin2';

/** API: the public host; key in the header `Ocp-Apim-Subscription-Key`. */
export const DEFAULT_BASE_URL = 'https://dtmapi.iom.int';

/** API: paths below the base URL. */
export const PATHS: Record<ApiVersion, Record<Endpoint, string>> = {
  v3: {
    countries: '/v3/displacement/country-list',
    operations: '/v3/displacement/operation-list',
    admin0: '/v3/displacement/admin0',
    admin1: '/v3/displacement/admin1',
    admin2: '/v3/displacement/admin2',
  },
  v2: {
    countries: '/v2/CountryList',
    operations: '/v2/OperationList',
    admin0: '/v2/IdpAdmin0Data',
    admin1: '/v2/IdpAdmin1Data',
    admin2: '/v2/IdpAdmin2Data',
  },
};

/** The name of a level's endpoint and table: `admin0`, `admin1`, `admin2`. */
export type LevelEndpoint = `admin${Level}`;
export const levelEndpoint = (level: Level): LevelEndpoint => `admin${level}`;

/** The level of an endpoint. Undefined for the two lists. */
export const levelOf = (endpoint: Endpoint): Level | undefined =>
  LEVELS.find((level) => levelEndpoint(level) === endpoint);

/** API: the header for the subscription key. The key is never sent in the query string, because servers log that. */
export const KEY_HEADER = 'Ocp-Apim-Subscription-Key';

/** A simulator of the API sends it as `true`, so that invented figures are not taken for real ones. */
export const SYNTHETIC_HEADER = 'x-dtm-synthetic';

/** The version of this package, the same as in package.json. */
export const CLIENT_VERSION = '0.2.0';

/** API: the firewall blocks some clients by their `User-Agent`. It accepts this form. */
export const DEFAULT_USER_AGENT = `Mozilla/5.0 (compatible; dtm-exporter/${CLIENT_VERSION})`;
