// The API's client as a run has it: made from settings whose mistakes are the operator's, and, where keys are kept by
// somebody else, with keys that are read again once they are refused.

import { DTMApi } from '../dtm/client.ts';
import { type ApiVersion, DEFAULT_BASE_URL } from '../dtm/endpoints.ts';
import { DTMAuthenticationError, ValidationError } from '../dtm/errors.ts';
import type { DTMApiOptions } from '../dtm/options.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import type { ApiContext } from './context.ts';

/** Makes a client. @throws {ConfigurationError} if the base URL is not one, named as the user knows it */
export function createClient(options: DTMApiOptions<ApiVersion>): DTMApi<ApiVersion> {
  try {
    return new DTMApi(options);
  } catch (error) {
    const isUrl = error instanceof ValidationError && error.parameter === 'baseUrl';
    throw isUrl ? new ConfigurationError(error.message.replace(/^baseUrl/, 'DTMAPI_URL')) : error;
  }
}

/** Where the API is asked, unless another address was given. */
export const sourceUrlOf = (baseUrl: string | null): string => baseUrl ?? DEFAULT_BASE_URL;

/** The keys of the API; the second is for when the first is refused. */
export interface ApiKeys {
  readonly primary: string;
  readonly secondary: string | null;
}

/** Where keys are kept. */
export interface KeySource {
  /** Named in messages: `SSM parameter /dtm/key`. */
  readonly location: string;
  /** The keys, as last read. */
  read(): Promise<ApiKeys>;
  /** The keys, read anew. */
  renew(): Promise<ApiKeys>;
}

/** The API refuses every key that there is: no unit can be had, so the run ends. */
export class KeyRefusedError extends Error {
  override readonly name = 'KeyRefusedError';
  constructor(location: string, cause: DTMAuthenticationError) {
    super(`${cause.message}; then put a valid key into ${location}`, { cause });
  }
}

/** A client that reads its keys when it is first asked, and anew when the API refuses them; disposed of, it lets its connections go. */
export function createRenewingClient(
  keys: KeySource,
  options: Omit<DTMApiOptions<ApiVersion>, 'subscriptionKey' | 'secondaryKey'>,
): ApiContext['api'] & Disposable {
  let current: { keys: ApiKeys; api: DTMApi } | undefined;
  const make = (apiKeys: ApiKeys): DTMApi => {
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
      const api = current?.api ?? make(await keys.read());
      try {
        return await api.ask(endpoint, query, call);
      } catch (error) {
        if (!isKeyRefused(error)) throw error;
        const renewed = await keys.renew();
        if (areSameKeys(renewed, current?.keys)) throw new KeyRefusedError(keys.location, error);
        return make(renewed)
          .ask(endpoint, query, call)
          .catch((again: unknown) => {
            throw isKeyRefused(again) ? new KeyRefusedError(keys.location, again) : again;
          });
      }
    },
  };
}

/** HTTP 401, or 403 in JSON; a key that could not even be sent has no status. */
const isKeyRefused = (error: unknown): error is DTMAuthenticationError =>
  error instanceof DTMAuthenticationError && error.status !== undefined;

const areSameKeys = (one: ApiKeys, other: ApiKeys | undefined): boolean =>
  one.primary === other?.primary && one.secondary === other.secondary;
