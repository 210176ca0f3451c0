// What is said of a proxy that does not let requests through: its variable, host and port, and never the user and password
// that its address may have.
import type { ProxyServer } from './proxy-variables.ts';

/** A proxy refused, or could not be reached: then `status` is undefined and `code` is the system's. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly status: number | undefined;
  readonly code: string;
  /** Another try may help. */
  readonly isRetryable: boolean;

  constructor(message: string, code: string, status?: number) {
    super(message);
    this.code = code;
    this.status = status;
    this.isRetryable = status === undefined || status >= 500 || status === 429;
  }
}

/** `the proxy HOST:PORT (VARIABLE)`. */
export const proxyLabel = (proxy: ProxyServer): string => `the proxy ${addressOf(proxy)} (${proxy.variable})`;

/** The proxy answered with a status of its own. */
export function proxyRefused(proxy: ProxyServer, status: number): ProxyError {
  const login = `wants a user and password, or other ones; put them into ${proxy.variable} as http${proxy.secure ? 's' : ''}://USER:PASSWORD@${addressOf(proxy)}`;
  const denied = 'does not let the request through; ask its operator to allow the address';
  const message = `${proxyLabel(proxy)} answers ${status}: it ${status === 407 ? login : denied}`;
  return new ProxyError(message, 'ERR_PROXY', status);
}

/** There was no answer of the proxy. Nothing of the cause is kept but its code: a parser's error holds what was received. */
export function proxyUnreachable(proxy: ProxyServer, cause: Error): ProxyError {
  const code = 'code' in cause ? String(cause.code) : cause.name;
  const advice = `correct ${proxy.variable}, or name the host in NO_PROXY if it needs no proxy`;
  return new ProxyError(`${proxyLabel(proxy)} cannot be reached (${code}); ${advice}`, code);
}

const addressOf = ({ host, port }: ProxyServer): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
