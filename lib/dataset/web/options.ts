// The options of a source on the web, and the check of its address.
import { DatasetError } from '../errors.ts';

/** The part of `fetch` that the reader uses. */
export type Fetch = (
  url: string,
  init: {
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    readonly cache: 'default' | 'no-cache';
    readonly redirect: 'follow' | 'error';
  },
) => Promise<Response>;

export interface WebOptions {
  /** @default the platform's `fetch` */
  readonly fetch?: Fetch | undefined;
  /**
   * Headers of every request, such as `Authorization` of a private dataset. They go to the dataset's address only: with
   * headers, redirects are an error. They need https, or http on loopback.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Attempts after the first, after a network failure, HTTP 408, 429 or 5xx, or half a body. @default 2 */
  readonly maxRetries?: number | undefined;
  /** Seconds: the wait before retry n (from 0) is a random part of `retryDelay * 2^n`. @default 1 */
  readonly retryDelay?: number | undefined;
  /** Seconds in which a kilobyte must come, or the end; else the attempt has failed. @default 30 */
  readonly timeout?: number | undefined;
}

/** The options after the check, with all defaults. */
export interface WebSettings {
  /** Ends in a slash. */
  readonly url: URL;
  readonly fetch: Fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxRetries: number;
  readonly retryDelay: number;
  readonly timeout: number;
}

/** `fetch` must be called without `this`. */
export const WEB_DEFAULTS: Omit<WebSettings, 'url'> = {
  fetch: (url, init) => fetch(url, init),
  headers: {},
  maxRetries: 2,
  retryDelay: 1,
  timeout: 30,
};

/** Checks address and options, and fills in the defaults. @throws {DatasetError} `usage` */
export function checkWebOptions(address: string | URL, options: WebOptions): WebSettings {
  return {
    url: checkAddress(address, options),
    fetch: options.fetch ?? WEB_DEFAULTS.fetch,
    headers: checkHeaders(options.headers ?? WEB_DEFAULTS.headers),
    maxRetries: numberOption('maxRetries', options.maxRetries ?? WEB_DEFAULTS.maxRetries),
    retryDelay: numberOption('retryDelay', options.retryDelay ?? WEB_DEFAULTS.retryDelay),
    timeout: numberOption('timeout', options.timeout ?? WEB_DEFAULTS.timeout),
  };
}

const usage = (message: string): DatasetError => new DatasetError('usage', message);

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

const LOCAL = 'for a folder run "npx dtm-exporter serve FOLDER", or give a source of your own';

/**
 * The address of a dataset, with a slash at its end. In a page it may be relative to the page.
 * @throws {DatasetError} `usage`; the message never shows what could be a password
 */
function checkAddress(address: string | URL, options: WebOptions): URL {
  const page = (globalThis as { document?: { baseURI: string } }).document?.baseURI;
  const url = parseAddress(String(address), page);
  if (!url)
    throw usage(
      `url: expected an address such as https://example.org/dtm/, got a text that is none; ${LOCAL}`,
    );
  const shown = url.host ? `${url.protocol}//${url.host}${url.pathname}` : url.protocol;
  if (!/^https?:$/.test(url.protocol)) throw usage(`url: expected https or http, got ${shown}; ${LOCAL}`);
  if (url.username || url.password)
    throw usage(`url: expected no user or password in ${shown}; give them as headers`);
  if (url.search) throw usage(`url: expected no query after ${shown}; give a token as headers`);
  const isSecret = Object.keys(options.headers ?? {}).length > 0;
  if (isSecret && url.protocol === 'http:' && !isLoopback(url.hostname))
    throw usage(`headers: expected an https address, got ${shown}: anybody on the way could read them`);
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** @throws {DatasetError} `usage`; `fetch` would show the value, which may be a password */
function checkHeaders(headers: WebSettings['headers']): WebSettings['headers'] {
  for (const [name, value] of Object.entries(headers))
    try {
      new Headers({ [name]: value });
    } catch {
      throw usage(
        `headers: expected a name and a text that HTTP allows, got others for ${JSON.stringify(name)}`,
      );
    }
  return headers;
}

function parseAddress(address: string, base: string | undefined): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}

/** A day: timers of more than 2^31 ms fire at once. */
const MAX_SECONDS = 86_400;

/** @throws {DatasetError} `usage` */
function numberOption(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_SECONDS) return value;
  throw usage(
    `${name}: expected a number from 0 to ${MAX_SECONDS}, got ${typeof value === 'number' ? value : typeof value}`,
  );
}
