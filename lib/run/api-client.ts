// Creates the API client of a run. An error in the settings names the setting that the operator knows. On AWS the keys
// come from a key source, and they are read again when the API refuses them.
import { DTMApi } from '../dtm/client.ts';
import { type ApiVersion, DEFAULT_BASE_URL } from '../dtm/endpoints.ts';
import { DTMAuthenticationError, ValidationError } from '../dtm/errors.ts';
import type { DTMApiOptions } from '../dtm/options.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import type { ApiContext } from './context.ts';

/** Creates a client. @throws {ConfigurationError} if the base URL is invalid; the message names it `DTMAPI_URL` */
export function createClient(options: DTMApiOptions<ApiVersion>): DTMApi<ApiVersion> {
  try {
    return new DTMApi(options);
  } catch (error) {
    const isUrl = error instanceof ValidationError && error.parameter === 'baseUrl';
    throw isUrl ? new ConfigurationError(error.message.replace(/^baseUrl/, 'DTMAPI_URL')) : error;
  }
}

/** The base URL of the API: the configured one, or the default. */
export const sourceUrlOf = (baseUrl: string | null): string => baseUrl ?? DEFAULT_BASE_URL;

/** The keys of the API. The second is used if the API refuses the first. */
export interface ApiKeys {
  readonly primary: string;
  readonly secondary: string | null;
}

/** The place from which keys are read. */
export interface KeySource {
  /** For messages: `the SSM parameter /dtm/key`. */
  readonly location: string;
  /** Returns the keys that were read last. Reads them if there are none. */
  read(): Promise<ApiKeys>;
  /** Reads the keys again. */
  renew(): Promise<ApiKeys>;
}

/** The API refuses all keys. No unit can be fetched, so the run ends. */
export class KeyRefusedError extends Error {
  override readonly name = 'KeyRefusedError';
  constructor(location: string, cause: DTMAuthenticationError) {
    super(`${cause.message}; then put a valid key into ${location}`, { cause });
  }
}

/** Creates a client that reads its keys at the first request, and again when the API refuses them. Dispose of it to close its connections. */
export function createRenewingClient(
  keys: KeySource,
  options: Omit<DTMApiOptions<ApiVersion>, 'subscriptionKey' | 'secondaryKey'>,
): ApiContext['api'] & Disposable {
  let current: { keys: ApiKeys; api: DTMApi } | undefined;
  const replaceClient = (apiKeys: ApiKeys): DTMApi => {
    current?.api.close();
    const { primary, secondary } = apiKeys;
    const api = createClient({
      ...options,
      subscriptionKey: primary,
      ...(secondary === null ? {} : { secondaryKey: secondary }),
    }) as DTMApi;
    current = { keys: apiKeys, api };
    return api;
  };
  return {
    [Symbol.dispose]: () => current?.api.close(),
    async ask(endpoint, query, call) {
      const api = current?.api ?? replaceClient(await keys.read());
      try {
        return await api.ask(endpoint, query, call);
      } catch (error) {
        if (!isKeyRefused(error)) throw error;
        const renewed = await keys.renew();
        if (areSameKeys(renewed, current?.keys)) throw new KeyRefusedError(keys.location, error);
        return replaceClient(renewed)
          .ask(endpoint, query, call)
          .catch((secondError: unknown) => {
            throw isKeyRefused(secondError) ? new KeyRefusedError(keys.location, secondError) : secondError;
          });
      }
    },
  };
}

/** True for HTTP 401, and for 403 with a JSON body. A key that cannot be sent as a header has no status. */
const isKeyRefused = (error: unknown): error is DTMAuthenticationError =>
  error instanceof DTMAuthenticationError && error.status !== undefined;

const areSameKeys = (keys: ApiKeys, other: ApiKeys | undefined): boolean =>
  keys.primary === other?.primary && keys.secondary === other.secondary;
