// The only reader of the environment. A blank value counts as missing; what is wrong is said with its name, once, at
// the start. The key is handed on and never shown.

/** The operator's settings, by the names of `README.md`'s table of variables. */
export interface Environment {
  readonly subscriptionKey: string | null;
  readonly secondaryKey: string | null;
  /** The API's base URL, null for the public one. */
  readonly baseUrl: string | null;
  /** Where readers reach the prefix, ending in a slash; null if it is not said. */
  readonly publicUrl: string | null;
  readonly terms: {
    readonly licence: string;
    readonly visibility: 'private' | 'public';
    readonly contact: string | null;
  };
}

/** A setting is missing or wrong: the user mends it before anything is asked or written. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const NO_LICENCE = 'No licence: not for redistribution.';

/** Reads and checks the environment. @throws {ConfigurationError} naming the variable */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const read = (name: string): string | null => variables[name]?.trim() || null;
  const visibility = read('DTM_VISIBILITY') ?? 'private';
  const licence = read('DTM_LICENCE');
  if (visibility !== 'private' && visibility !== 'public')
    throw new ConfigurationError(`DTM_VISIBILITY: expected private or public, got ${visibility}`);
  if (visibility === 'public' && licence === null)
    throw new ConfigurationError(
      'DTM_VISIBILITY is public, but DTM_LICENCE is missing: say on which terms the figures are given',
    );
  return {
    subscriptionKey: read('DTMAPI_SUBSCRIPTION_KEY'),
    secondaryKey: read('DTMAPI_SUBSCRIPTION_KEY_SECONDARY'),
    baseUrl: read('DTMAPI_URL'),
    publicUrl: publicUrl(read('DTM_PUBLIC_URL')),
    terms: { licence: licence ?? NO_LICENCE, visibility, contact: read('DTM_CONTACT') },
  };
}

function publicUrl(value: string | null): string | null {
  if (value === null) return null;
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new ConfigurationError(`DTM_PUBLIC_URL: expected an https:// address without query, got ${value}`);
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
