// The client's options. The constructor checks them and fills in the defaults.
import { constants } from 'node:buffer';
import { isLoopback } from '../environment/loopback.ts';
import { type ProxyEnv, ProxyVariableError, proxyFor, readProxyEnv } from '../environment/proxy-variables.ts';
import { type ApiVersion, DEFAULT_BASE_URL, DEFAULT_USER_AGENT } from './endpoints.ts';
import { DTMApiVersionError, DTMAuthenticationError, ValidationError } from './errors.ts';
import type { RetryPolicy } from './http/retry.ts';
import { type Logger, SILENT } from './logger.ts';
import { showValue } from './show-value.ts';

/** Options of a client. An option that is undefined has its default. */
export interface DTMApiOptions<V extends ApiVersion = 'v3'> {
  /** The key from the API's portal. Required. */
  readonly subscriptionKey: string | undefined;
  /**
   * A second key. It is tried once if the API refuses the first with 401. If it is accepted, later calls use it.
   * @default none
   */
  readonly secondaryKey?: string | undefined;
  /** Version of the API: `v3` or `v2`. @default 'v3' */
  readonly apiVersion?: V | undefined;
  /** Address of the API: https, or http on loopback. @default 'https://dtmapi.iom.int' */
  readonly baseUrl?: string | undefined;
  /** Seconds for one attempt, headers and body together. @default 30 */
  readonly timeout?: number | undefined;
  /** Number of attempts after the first. @default 3 */
  readonly maxRetries?: number | undefined;
  /** Seconds of the first wait: wait n (from 0) is a random part of `retryDelay * 2^n`. @default 1 */
  readonly retryDelay?: number | undefined;
  /** Longest wait in seconds, also if `Retry-After` asks for more. @default 60 */
  readonly maxWait?: number | undefined;
  /** Seconds for a call with all its attempts and waits. @default 900 */
  readonly maxElapsed?: number | undefined;
  /** Largest answer in bytes, after decompression. @default 67108864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** Largest number of requests at the same time. @default 4 */
  readonly concurrency?: number | undefined;
  /** `HTTPS_PROXY` and `NO_PROXY`, as in the environment. An API on loopback is reached without a proxy. @default no proxy */
  readonly proxyEnv?: ProxyEnv | undefined;
  /**
   * The header `User-Agent`. The API's firewall blocks some clients by it.
   * @default 'Mozilla/5.0 (compatible; dtm-exporter/VERSION)'
   */
  readonly userAgent?: string | undefined;
  /** Receives log lines. @default a logger that writes nothing */
  readonly logger?: Logger | undefined;
  /** If it is aborted, all calls of the client reject with its reason. @default none */
  readonly signal?: AbortSignal | undefined;
  /** Source of the random part of waits: numbers from 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** The options after the check, with all defaults. */
export interface Settings extends RetryPolicy {
  readonly baseUrl: URL;
  readonly timeout: number;
  readonly maxBytes: number;
  readonly concurrency: number;
  readonly proxyEnv: ProxyEnv;
  readonly userAgent: string;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
}

interface Bounds {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

// Node's timers fire at once if they are set to more than 2^31 ms. So no time is longer than a day.
const DAY = 86_400;
const NUMBER_OPTIONS = {
  timeout: { fallback: 30, min: 0.001, max: DAY },
  maxRetries: { fallback: 3, min: 0, max: 1000, integer: true },
  retryDelay: { fallback: 1, min: 0, max: DAY },
  maxWait: { fallback: 60, min: 0, max: DAY },
  maxElapsed: { fallback: 900, min: 0.001, max: 7 * DAY },
  maxBytes: { fallback: 64 * 1024 * 1024, min: 1, max: constants.MAX_STRING_LENGTH, integer: true },
  concurrency: { fallback: 4, min: 1, max: 1000, integer: true },
} as const satisfies Record<string, Bounds>;

const OTHER_OPTIONS = [
  ...['subscriptionKey', 'secondaryKey', 'apiVersion', 'baseUrl'],
  ...['proxyEnv', 'userAgent', 'logger', 'signal', 'random'],
];

type RawOptions = Readonly<Record<string, unknown>>;

/**
 * Checks the version, one of `versions`. The first is the default.
 * @throws {DTMApiVersionError} if it is none of them
 */
export function checkVersion<V extends string>(version: unknown, versions: readonly [V, ...V[]]): V {
  const asked = version === undefined ? versions[0] : version;
  const supported = versions.find((each) => each === asked);
  if (supported !== undefined) return supported;
  throw new DTMApiVersionError(
    `apiVersion: expected one of ${versions.join(', ')}, got ${showValue(version)}`,
  );
}

/**
 * Checks the two keys. A blank key counts as missing.
 * @throws {DTMAuthenticationError} if there is no `subscriptionKey`
 * @throws {ValidationError} if a key cannot be sent in a header
 */
export function checkKeys(
  options: RawOptions,
  service = 'DTM API',
): { primary: string; secondary: string | undefined } {
  const primary = checkKey('subscriptionKey', options);
  const secondary = checkKey('secondaryKey', options);
  if (primary !== undefined) return { primary, secondary };
  const advice = 'give the option subscriptionKey (the environment is not read here)';
  throw new DTMAuthenticationError(`A subscription key of the ${service} is needed: ${advice}`);
}

/**
 * Checks all other options and fills in the defaults.
 * @throws {ValidationError} with the option and its value
 */
export function checkOptions(options: RawOptions): Settings {
  const optionNames = [...OTHER_OPTIONS, ...Object.keys(NUMBER_OPTIONS)];
  for (const name of Object.keys(options)) {
    if (!optionNames.includes(name))
      throw invalidOption(name, options[name], `one of the options ${optionNames.join(', ')}`);
  }
  const number = (name: keyof typeof NUMBER_OPTIONS) =>
    checkNumber(name, options[name], NUMBER_OPTIONS[name]);
  const baseUrl = checkBaseUrl(options.baseUrl ?? DEFAULT_BASE_URL);
  return {
    baseUrl,
    proxyEnv: checkProxyEnv(options.proxyEnv, baseUrl),
    timeout: number('timeout'),
    maxRetries: number('maxRetries'),
    retryDelay: number('retryDelay'),
    maxWait: number('maxWait'),
    maxElapsed: number('maxElapsed'),
    maxBytes: number('maxBytes'),
    concurrency: number('concurrency'),
    userAgent: checkUserAgent(options.userAgent ?? DEFAULT_USER_AGENT),
    logger: checkLogger(options.logger ?? SILENT),
    signal: checkSignal(options.signal),
    random: checkRandom(options.random ?? Math.random),
  };
}

/**
 * The size limit of one call in bytes: the smaller of its own and the client's.
 * @throws {ValidationError} if `value` is no valid `maxBytes`
 */
export function checkCallBytes(value: unknown, clientLimit: number): number {
  return Math.min(
    clientLimit,
    checkNumber('maxBytes', value, { ...NUMBER_OPTIONS.maxBytes, fallback: clientLimit }),
  );
}

function invalidOption(
  name: string,
  value: unknown,
  expected: string,
  shown = showValue(value),
): ValidationError {
  return new ValidationError(name, value, `${name}: expected ${expected}, got ${shown}`);
}

function checkKey(name: string, options: RawOptions): string | undefined {
  const key = options[name];
  if (key === undefined || key === null || (typeof key === 'string' && key.trim() === '')) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new ValidationError(
    name,
    '[hidden]',
    `${name}: expected printable ASCII without spaces or line ends`,
  );
}

function checkNumber(name: string, value: unknown, { fallback, min, max, integer }: Bounds): number {
  if (value === undefined) return fallback;
  const fits =
    typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (fits) return value;
  throw invalidOption(name, value, `${integer ? 'an integer' : 'a number'} from ${min} to ${max}`);
}

function checkBaseUrl(value: unknown): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  // The part before an @ and the part after a ? may hold a password or token, so they are not shown.
  const shown =
    typeof value === 'string'
      ? showValue(value.replace(/\/\/[^/]*@/, '//...@').replace(/[?#].*/s, '?...'))
      : showValue(value);
  const invalidUrl = (expected: string) =>
    new ValidationError('baseUrl', '[hidden]', `baseUrl: expected ${expected}, got ${shown}`);
  if (url === null) throw invalidUrl('an address such as https://dtmapi.iom.int');
  if (url.username !== '' || url.password !== '' || /[?#]/.test(value as string)) {
    throw invalidUrl('an address without user, password, query and fragment');
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url;
  throw invalidUrl('https, or http on loopback only (the key would travel in the clear)');
}

/**
 * Picks the proxy variables, after a check of those that lead to `baseUrl`.
 * @throws {ValidationError} if a value is not an address
 */
export function checkProxyEnv(value: unknown, baseUrl: URL): ProxyEnv {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null)
    throw invalidOption('proxyEnv', '[hidden]', 'an object with HTTPS_PROXY and NO_PROXY', 'something else');
  try {
    proxyFor(value, baseUrl);
    return readProxyEnv(value).proxyEnv;
  } catch (error) {
    if (!(error instanceof ProxyVariableError)) throw error;
    throw new ValidationError(`proxyEnv.${error.variable}`, '[hidden]', `proxyEnv: ${error.message}`);
  }
}

function checkUserAgent(value: unknown): string {
  if (typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) && value.trim() !== '') return value;
  throw invalidOption('userAgent', value, 'printable ASCII');
}

function checkLogger(value: unknown): Logger {
  const methods = Object(value) as Record<string, unknown>;
  if (Object.keys(SILENT).every((name) => typeof methods[name] === 'function')) return value as Logger;
  throw invalidOption('logger', value, 'an object with the functions debug, info, warn and error');
}

function checkSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw invalidOption('signal', value, 'an AbortSignal');
}

function checkRandom(value: unknown): () => number {
  if (typeof value === 'function') return value as () => number;
  throw invalidOption('random', value, 'a function that returns a number from 0 to 1');
}
