// Which proxy leads to a host, by the variables that programs share. An address with its user and password stays in this
// room: messages have the variable, the host and the port.
import { bypassesProxy } from './proxy-exceptions.ts';

/** The variables of proxies, as the environment has them; a name in small letters goes first. */
export interface ProxyEnv {
  /** The proxy to https:// addresses: `http://user:password@host:port`, or https. */
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  /** The one to http:// addresses. */
  readonly HTTP_PROXY?: string | undefined;
  readonly http_proxy?: string | undefined;
  /** Hosts that are reached without one: `iom.int` with all below it, `host:port`, `10.0.0.0/8`, `*`. */
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
}

/** A proxy on the way to a host. */
export interface ProxyServer {
  readonly variable: keyof ProxyEnv;
  readonly secure: boolean;
  /** A name or an address; one of IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
  /** For its header `Proxy-Authorization`, if it needs one. */
  readonly authorization: string | undefined;
}

/** A variable names no proxy. */
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
 * The proxy that leads to `target`, if there is one.
 * @throws {ProxyVariableError} if its address is none
 */
export function proxyFor(env: ProxyEnv, target: URL): ProxyServer | undefined {
  const scheme = SCHEMES.find((one) => target.protocol === `${one}:`);
  if (scheme === undefined || bypassesProxy(target, readVariable(env, 'no_proxy')[1])) return undefined;
  return proxyOf(env, scheme);
}

/** The proxies that the variables name, wherever they lead. @throws {ProxyVariableError} if an address is none */
export function proxiesOf(env: ProxyEnv): ProxyServer[] {
  return SCHEMES.flatMap((scheme) => proxyOf(env, scheme) ?? []);
}

/** The variables of proxies among all that there are, nothing without a proxy; and what is wrong with them. */
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

// As the official client has it: an empty variable in small letters means none, whatever the other one says.
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
