// The client's options, checked and completed when it is made.

import { constants } from 'node:buffer';
import { isLoopback } from '../environment/loopback.ts';
import { type ProxyEnv, ProxyVariableError, proxyFor, readProxyEnv } from '../environment/proxy-variables.ts';
import { API_VERSIONS, type ApiVersion, DEFAULT_BASE_URL, DEFAULT_USER_AGENT } from './endpoints.ts';
import { DTMApiVersionError, DTMAuthenticationError, ValidationError } from './errors.ts';
import type { RetryPolicy } from './http/retry.ts';
import { type Logger, SILENT } from './logger.ts';
import { showValue } from './show-value.ts';

/** Options of a client; times are in seconds, and undefined means the default. */
export interface DTMApiOptions<V extends ApiVersion = 'v3'> {
  /** The key from the API's portal. */
  readonly subscriptionKey: string | undefined;
  /** Tried once when the first is refused with 401, and kept when it is accepted. */
  readonly secondaryKey?: string | undefined;
  /** Default `v3`. */
  readonly apiVersion?: V | undefined;
  /** https, or http on loopback; default the public API. */
  readonly baseUrl?: string | undefined;
  /** For one attempt, headers and body together; default 30. */
  readonly timeout?: number | undefined;
  /** Attempts after the first; default 3. */
  readonly maxRetries?: number | undefined;
  /** The n-th wait is a random part of `retryDelay * 2^n`; default 1. */
  readonly retryDelay?: number | undefined;
  /** Cap of each wait, `Retry-After` included; default 60. */
  readonly maxWait?: number | undefined;
  /** Bound of a call with all its attempts and waits; default 900. */
  readonly maxElapsed?: number | undefined;
  /** Largest answer after decompression; default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Requests at once; default 4. */
  readonly concurrency?: number | undefined;
  /** HTTPS_PROXY and NO_PROXY, as the environment has them; default: no proxy. An API on loopback is never proxied. */
  readonly proxyEnv?: ProxyEnv | undefined;
  /** The firewall turns away some clients by this. */
  readonly userAgent?: string | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
  /** Aborts all calls of the client. */
  readonly signal?: AbortSignal | undefined;
  /** The jitter's source, from 0 to 1; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The options, all of them given and in order. */
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

// Longer than 2^31 ms and Node's timers fire at once.
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
 * The version asked for.
 * @throws {DTMApiVersionError}
 */
export function checkVersion(version: unknown = 'v3'): ApiVersion {
  const supported = API_VERSIONS.find((each) => each === version);
  if (supported !== undefined) return supported;
  throw new DTMApiVersionError(
    `apiVersion: expected one of ${API_VERSIONS.join(', ')}, got ${showValue(version)}`,
  );
}

/**
 * The two keys; a blank one counts as missing.
 * @throws {DTMAuthenticationError} if there is no first key
 * @throws {ValidationError} if one cannot be sent in a header
 */
export function checkKeys(given: RawOptions): { primary: string; secondary: string | undefined } {
  const primary = checkKey('subscriptionKey', given);
  const secondary = checkKey('secondaryKey', given);
  if (primary !== undefined) return { primary, secondary };
  const advice = 'give the option subscriptionKey (the environment is not read here)';
  throw new DTMAuthenticationError(`A subscription key of the DTM API is needed: ${advice}`);
}

/**
 * Checks every other option and fills in the defaults.
 * @throws {ValidationError} naming the option and its value
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
 * The bound of one call: its own, or the client's if that is less or the only one.
 * @throws {ValidationError}
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

function checkKey(name: string, given: RawOptions): string | undefined {
  const key = given[name];
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
  // Passwords and tokens stand before an @ or after a ?, so neither is shown.
  const shown =
    typeof value === 'string'
      ? showValue(value.replace(/\/\/[^/]*@/, '//...@').replace(/[?#].*/s, '?...'))
      : showValue(value);
  const refuse = (expected: string) =>
    new ValidationError('baseUrl', '[hidden]', `baseUrl: expected ${expected}, got ${shown}`);
  if (url === null) throw refuse('an address such as https://dtmapi.iom.int');
  if (url.username !== '' || url.password !== '' || /[?#]/.test(value as string)) {
    throw refuse('an address without user, password, query and fragment');
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url;
  throw refuse('https, or http on loopback only (the key would travel in the clear)');
}

function checkProxyEnv(value: unknown, baseUrl: URL): ProxyEnv {
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
