// The proxy between this machine and a server, and what is said of one that does not let requests through: its variable,
// host and port, and never the user and password that its address may have.
import { isIP } from 'node:net';

/** Proxies as Node's http agents take them. A lower-case name goes before an upper-case one. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

interface Proxy {
  readonly variable: string;
  readonly host: string;
  readonly port: string;
}

/** Of a proxy that is in the way: what to say, and whether it may pass. */
export interface ProxyTrouble {
  readonly sentence: string;
  readonly passes: boolean;
}

/** The proxy that requests of this scheme go through unless `NO_PROXY` says otherwise; null if there is none. */
function proxyOf(env: ProxyEnv, scheme: 'https' | 'http'): Proxy | null {
  const variable = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`].find((name) => env[name]);
  const url = variable === undefined ? null : URL.parse(env[variable] ?? '');
  if (variable === undefined || url === null) return null;
  return { variable, host: url.hostname, port: url.port || (url.protocol === 'https:' ? '443' : '80') };
}

/** `the proxy HOST:PORT (VARIABLE)` of both schemes, for advice; '' if there is none. */
export function proxyName(env: ProxyEnv): string {
  const proxy = proxyOf(env, 'https') ?? proxyOf(env, 'http');
  return proxy ? named(proxy) : '';
}

const named = ({ host, port, variable }: Proxy): string => `the proxy ${host}:${port} (${variable})`;

/** What is wrong with the proxy by what a request ended with; undefined if it is not the proxy. */
export function proxyTrouble(
  error: unknown,
  env: ProxyEnv,
  scheme: 'https' | 'http',
): ProxyTrouble | undefined {
  const proxy = proxyOf(env, scheme);
  if (proxy === null || !(error instanceof Error)) return undefined;
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const { code, statusCode, address, port, hostname } = cause as Record<string, unknown>;
  if (code === 'ERR_PROXY_TUNNEL')
    return typeof statusCode === 'number' ? refused(proxy, statusCode) : broken(proxy, 'no answer');
  const isHost =
    hostname === proxy.host || (isIP(proxy.host) ? address === proxy.host : address !== undefined);
  const isPort = port === undefined ? hostname !== undefined : String(port) === proxy.port;
  return isHost && isPort ? broken(proxy, String(code)) : undefined;
}

/** What to say of a 407, which a proxy answers to a request that is not encrypted; undefined if there is none. */
export function loginWanted(env: ProxyEnv): string | undefined {
  const proxy = proxyOf(env, 'http');
  return proxy ? refused(proxy, 407).sentence : undefined;
}

/** Says whether a proxy that made no connection may make one the next time. */
export function isPassingRefusal(error: unknown): error is Error {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_PROXY_TUNNEL')) return false;
  return !('statusCode' in error) || isPassingStatus(Number(error.statusCode));
}

const isPassingStatus = (status: number): boolean => status >= 500 || status === 429;

function refused(proxy: Proxy, status: number): ProxyTrouble {
  const { host, port, variable } = proxy;
  const login = `wants a user and password, or other ones; put them into ${variable} as http://USER:PASSWORD@${host}:${port}`;
  const closed = 'does not let the request through; ask its operator to allow the address';
  return {
    sentence: `${named(proxy)} answers ${status}: it ${status === 407 ? login : closed}`,
    passes: isPassingStatus(status),
  };
}

const broken = (proxy: Proxy, what: string): ProxyTrouble => ({
  sentence: `${named(proxy)} cannot be reached (${what}); correct ${proxy.variable}, or name the host in NO_PROXY if it needs no proxy`,
  passes: true,
});
