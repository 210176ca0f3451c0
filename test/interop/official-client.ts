// Sends the same calls with the official Python client and with ours. One Python process serves a whole test file.
import { DTMApi } from '../../lib/dtm/client.ts';
import type { ApiVersion, Endpoint } from '../../lib/dtm/endpoints.ts';
import type { Admin2Query } from '../../lib/dtm/query.ts';
import { startPython } from './python-process.ts';

/** A row as JSON has it. */
export type Row = Readonly<Record<string, unknown>>;

/** An error: the names of its class and its superclasses, the message, and the API's error messages. */
export interface Failure {
  readonly classes: readonly string[];
  readonly message: string;
  readonly errorMessages: readonly string[];
}

/** Shape, columns and sum of persons of the official client's data frame. */
export interface Frame {
  readonly shape: readonly [number, number];
  readonly columns: readonly string[];
  readonly people: number | null;
}

export type Outcome = { readonly rows: readonly Row[] } | { readonly error: Failure };

/** A call to the API at `url`; times in seconds. */
export interface Call {
  readonly url: string;
  readonly endpoint: Endpoint;
  readonly version?: string;
  readonly query?: Admin2Query;
  /** Null: no key is given. */
  readonly key?: string | null;
  readonly timeout?: number;
  readonly maxRetries?: number;
}

const KEY = 'sample-key';
/** Short, so that tests with retries are fast. */
const RETRY_DELAY = 0.01;

/** The official client in a Python process. */
export interface Official extends AsyncDisposable {
  ask(call: Call): Promise<Outcome>;
  askFrame(call: Call): Promise<Frame>;
}

/** Starts the process. Calls run one after the other. */
export async function startOfficial(): Promise<Official> {
  const python = await startPython('official.py');
  return {
    ask: async (call) => (await python.send(messageOf(call, false))) as Outcome,
    askFrame: async (call) =>
      frameOf((await python.send(messageOf(call, true))) as { frame: Frame } | Outcome),
    [Symbol.asyncDispose]: () => python[Symbol.asyncDispose](),
  };
}

function messageOf({ url, endpoint, version = 'v3', query = {}, ...call }: Call, pandas: boolean): object {
  const named = Object.entries(query).map(([name, value]) => [pythonName(name), value]);
  const client = {
    subscription_key: call.key === undefined ? KEY : call.key,
    api_version: version,
    timeout: call.timeout ?? 30,
    max_retries: call.maxRetries ?? 0,
    retry_delay: RETRY_DELAY,
  };
  return { url, endpoint, query: Object.fromEntries(named), client, pandas };
}

const pythonName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function frameOf(outcome: { frame: Frame } | Outcome): Frame {
  if ('frame' in outcome) return outcome.frame;
  throw new Error(`expected a data frame, got ${JSON.stringify(outcome)}`);
}

/** Sends a call with our client. */
export async function askOurs(call: Call): Promise<Outcome> {
  const { url, version = 'v3', endpoint, query = {}, key = KEY, timeout = 30, maxRetries = 0 } = call;
  try {
    using api = new DTMApi<ApiVersion>({
      subscriptionKey: key ?? undefined,
      apiVersion: version as ApiVersion,
      baseUrl: url,
      timeout,
      maxRetries,
      retryDelay: RETRY_DELAY,
    });
    return { rows: await METHODS[endpoint](api, query) };
  } catch (error) {
    return { error: failureOf(error as Error) };
  }
}

const METHODS: Record<Endpoint, (api: DTMApi<ApiVersion>, query: Admin2Query) => Promise<readonly Row[]>> = {
  countries: (api) => api.getAllCountries(),
  operations: (api) => api.getAllOperations(),
  admin0: (api, query) => api.getIdpAdmin0Data(query),
  admin1: (api, query) => api.getIdpAdmin1Data(query),
  admin2: (api, query) => api.getIdpAdmin2Data(query),
};

/** Describes an error of ours as the Python process describes those of the official client. */
export function failureOf(error: Error & { errorMessages?: readonly string[] }): Failure {
  const classes: string[] = [];
  for (let each: object | null = error; each !== null; each = Object.getPrototypeOf(each))
    if (Object.hasOwn(each, 'constructor') && each !== Object.prototype) classes.push(each.constructor.name);
  return { classes, message: error.message, errorMessages: error.errorMessages ?? [] };
}
