// The API's client as a run has it: made from settings whose mistakes are the operator's, and, where keys are kept by
// somebody else, with keys that are read again once they are refused.

import { DTMApi } from '../dtm/client.ts';
import { type ApiVersion, DEFAULT_BASE_URL } from '../dtm/endpoints.ts';
import { DTMAuthenticationError, ValidationError } from '../dtm/errors.ts';
import type { DTMApiOptions } from '../dtm/options.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import type { AskingContext } from './context.ts';

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
  readonly place: string;
  /** The keys, as last read. */
  read(): Promise<ApiKeys>;
  /** The keys, read anew. */
  renew(): Promise<ApiKeys>;
}

/** The API refuses every key that there is: no unit can be had, so the run ends. */
export class KeyRefusedError extends Error {
  override readonly name = 'KeyRefusedError';
  constructor(place: string, cause: DTMAuthenticationError) {
    super(`${cause.message}; then put a valid key into ${place}`, { cause });
  }
}

/** A client that reads its keys when it is first asked, and anew when the API refuses them; disposed of, it lets its connections go. */
export function renewingClient(
  keys: KeySource,
  options: Omit<DTMApiOptions<ApiVersion>, 'subscriptionKey' | 'secondaryKey'>,
): AskingContext['api'] & Disposable {
  let made: { keys: ApiKeys; api: DTMApi } | undefined;
  const make = (held: ApiKeys): DTMApi => {
    made?.api.close();
    const { primary, secondary } = held;
    const api = createClient({
      ...options,
      subscriptionKey: primary,
      ...(secondary === null ? {} : { secondaryKey: secondary }),
    }) as DTMApi;
    made = { keys: held, api };
    return api;
  };
  return {
    [Symbol.dispose]: () => made?.api.close(),
    async ask(endpoint, query, call) {
      const api = made?.api ?? make(await keys.read());
      try {
        return await api.ask(endpoint, query, call);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const renewed = await keys.renew();
        if (isSame(renewed, made?.keys)) throw new KeyRefusedError(keys.place, error);
        return make(renewed)
          .ask(endpoint, query, call)
          .catch((again: unknown) => {
            throw isRefusal(again) ? new KeyRefusedError(keys.place, again) : again;
          });
      }
    },
  };
}

/** HTTP 401, or 403 in JSON; a key that could not even be sent has no status. */
const isRefusal = (error: unknown): error is DTMAuthenticationError =>
  error instanceof DTMAuthenticationError && error.status !== undefined;

const isSame = (one: ApiKeys, other: ApiKeys | undefined): boolean =>
  one.primary === other?.primary && one.secondary === other.secondary;
