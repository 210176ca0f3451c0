// The error of a proxy that does not let a request through. It names the proxy's variable, host and port, and never the
// user and password that its address may contain.
import type { ProxyServer } from './proxy-variables.ts';

/**
 * Thrown if a proxy refuses a request (`status` is its HTTP status), or if it cannot be reached (`status` is undefined,
 * `code` is the system's code).
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly status: number | undefined;
  readonly code: string;
  /** True if another attempt may help: the proxy could not be reached, or its status is 429 or 500 and more. */
  readonly isRetryable: boolean;

  constructor(message: string, code: string, status?: number) {
    super(message);
    this.code = code;
    this.status = status;
    this.isRetryable = status === undefined || status >= 500 || status === 429;
  }
}

/** Names a proxy in messages: `the proxy HOST:PORT (VARIABLE)`. */
export const proxyLabel = (proxy: ProxyServer): string => `the proxy ${addressOf(proxy)} (${proxy.variable})`;

/** The error for a proxy that responded with an error status. */
export function proxyRefused(proxy: ProxyServer, status: number): ProxyError {
  const login = `wants a user and password, or other ones; put them into ${proxy.variable} as http${proxy.secure ? 's' : ''}://USER:PASSWORD@${addressOf(proxy)}`;
  const denied = 'does not let the request through; ask its operator to allow the address';
  const message = `${proxyLabel(proxy)} answers ${status}: it ${status === 407 ? login : denied}`;
  return new ProxyError(message, 'ERR_PROXY', status);
}

/**
 * The error for a proxy that did not respond. It keeps only the code of the cause: a parser's error holds the received
 * bytes.
 */
export function proxyUnreachable(proxy: ProxyServer, cause: Error): ProxyError {
  const code = 'code' in cause ? String(cause.code) : cause.name;
  const advice = `correct ${proxy.variable}, or name the host in NO_PROXY if it needs no proxy`;
  return new ProxyError(`${proxyLabel(proxy)} cannot be reached (${code}); ${advice}`, code);
}

const addressOf = ({ host, port }: ProxyServer): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
