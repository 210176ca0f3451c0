// Finds the proxy to a host, from the usual variables. Messages name only the variable, the host and the port: an address may
// contain a user and password, and it stays in this folder.
import { bypassesProxy } from './proxy-exceptions.ts';

/** The proxy variables of the environment. A lower-case name takes precedence. */
export interface ProxyEnv {
  /** The proxy to https:// addresses: `http://user:password@host:port`, or the same with https://. */
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  /** The proxy to http:// addresses. */
  readonly HTTP_PROXY?: string | undefined;
  readonly http_proxy?: string | undefined;
  /** Hosts that are reached without a proxy: `iom.int` (with all its subdomains), `host:port`, `10.0.0.0/8`, `*`. */
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
}

/** A proxy that leads to a host. */
export interface ProxyServer {
  readonly variable: keyof ProxyEnv;
  readonly secure: boolean;
  /** Name or IP address. An IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of the header `Proxy-Authorization`. Undefined if the address has no user and password. */
  readonly authorization: string | undefined;
}

/** Thrown if the value of a proxy variable is not a proxy's address. The value is not shown. */
export class ProxyVariableError extends Error {
  override readonly name = 'ProxyVariableError';
  readonly variable: keyof ProxyEnv;

  constructor(variable: keyof ProxyEnv, expected: string) {
    super(`${variable}: expected ${expected}, got something else (not shown: it may hold a password)`);
    this.variable = variable;
  }
}

const SCHEMES = ['https', 'http'] as const;
type Scheme = (typeof SCHEMES)[number];

/**
 * The proxy to `target`. Undefined if it is reached without one.
 * @throws {ProxyVariableError} if the variable's value is not an address
 */
export function proxyFor(env: ProxyEnv, target: URL): ProxyServer | undefined {
  const scheme = SCHEMES.find((each) => target.protocol === `${each}:`);
  if (scheme === undefined || bypassesProxy(target, readVariable(env, 'no_proxy')[1])) return undefined;
  return proxyOf(env, scheme);
}

/** All proxies of the variables, for any host. @throws {ProxyVariableError} if a value is not an address */
export function proxiesOf(env: ProxyEnv): ProxyServer[] {
  return SCHEMES.flatMap((scheme) => proxyOf(env, scheme) ?? []);
}

/**
 * Picks the proxy variables from all variables, and lists the problems of their values. `proxyEnv` is empty if no proxy is
 * set.
 */
export function readProxyEnv(variables: ProxyEnv): { proxyEnv: ProxyEnv; problems: string[] } {
  const proxies = SCHEMES.map((scheme) => readVariable(variables, `${scheme}_proxy`)).filter(
    ([, value]) => value,
  );
  const proxyEnv = proxies.length === 0 ? [] : [...proxies, readVariable(variables, 'no_proxy')];
  const problems = proxies.flatMap(([variable, address]) => {
    const proxy = parseProxy(variable, address);
    return proxy instanceof ProxyVariableError ? proxy.message : [];
  });
  return { proxyEnv: Object.fromEntries(proxyEnv), problems };
}

// As in the official client: an empty lower-case variable means no proxy, even if the upper-case one has a value.
function readVariable(
  env: ProxyEnv,
  lower: `${Scheme | 'no'}_proxy`,
): [variable: keyof ProxyEnv, value: string] {
  const upper = lower.toUpperCase() as Uppercase<typeof lower>;
  const name = env[lower] === undefined ? upper : lower;
  const value: unknown = env[name] ?? '';
  if (typeof value !== 'string') throw new ProxyVariableError(name, 'a string');
  return [name, value.trim()];
}

function proxyOf(env: ProxyEnv, scheme: Scheme): ProxyServer | undefined {
  const [variable, address] = readVariable(env, `${scheme}_proxy`);
  if (address === '') return undefined;
  const proxy = parseProxy(variable, address);
  if (proxy instanceof ProxyVariableError) throw proxy;
  return proxy;
}

function parseProxy(variable: keyof ProxyEnv, address: string): ProxyServer | ProxyVariableError {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`);
  const login = url === null ? undefined : decodeOrUndefined(`${url.username}:${url.password}`);
  if (url === null || login === undefined || !/^https?:$/.test(url.protocol))
    return new ProxyVariableError(variable, 'http://HOST:PORT or https://HOST:PORT');
  const secure = url.protocol === 'https:';
  return {
    variable,
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 443 : 80),
    authorization: login === ':' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`,
  };
}

function decodeOrUndefined(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
