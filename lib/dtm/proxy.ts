// Which proxy leads to the API, by the variables that programs share. An address with its user and password stays in here
// and in the tunnel: messages have the variable, the host and the port.

import { BlockList, isIP, isIPv4 } from 'node:net';
import { ValidationError } from './errors.ts';

/** The variables of a proxy, as the environment has them; the name in small letters goes first. */
export interface ProxyEnv {
  /** `http://user:password@host:port`, or https. */
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  /** Not looked at: only an API on loopback is spoken to over http, and never through a proxy. */
  readonly HTTP_PROXY?: string | undefined;
  readonly http_proxy?: string | undefined;
  /** Hosts that are reached without one: `iom.int` with all below it, `host:port`, `10.0.0.0/8`, `*`. */
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
}

/** A proxy on the way to the API. */
export interface ProxyServer {
  /** How messages name it: `proxy.example:3128 (HTTPS_PROXY)`. */
  readonly name: string;
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** For its header `Proxy-Authorization`, if it needs one. */
  readonly authorization: string | undefined;
}

/**
 * The proxy that leads to `target`, if there is one.
 * @throws {ValidationError} naming the variable, if its address is none
 */
export function proxyFor(env: ProxyEnv, target: URL): ProxyServer | undefined {
  if (target.protocol !== 'https:' || isLoopback(target.hostname)) return undefined;
  const [variable, address] = chosen(env, 'https_proxy');
  if (address === '' || isExcepted(target, chosen(env, 'no_proxy')[1])) return undefined;
  return parseProxy(variable, address);
}

/** Whether a host is this machine by its name: what is sent there passes no network. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

type Lower = 'https_proxy' | 'no_proxy';

// As the official client has it: an empty variable in small letters means none, whatever the other one says.
function chosen(env: ProxyEnv, lower: Lower): [variable: string, value: string] {
  const upper = lower.toUpperCase() as Uppercase<Lower>;
  const name = env[lower] === undefined ? upper : lower;
  const value: unknown = env[name] ?? '';
  if (typeof value !== 'string') throw wrong(name, 'a string');
  return [name, value.trim()];
}

function isExcepted({ hostname, port }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const names = [host, `${hostname}:${port || 443}`];
  const holds = (entry: string): boolean => {
    if (entry === '*' || names.includes(entry)) return true;
    return isIP(host) === 0 ? names.some((name) => name.endsWith(`.${entry}`)) : isInRange(host, entry);
  };
  const entries = list.toLowerCase().split(/[\s,]+/);
  return entries.map((entry) => entry.replace(/^\*?\./, '')).some((entry) => entry !== '' && holds(entry));
}

function isInRange(host: string, entry: string): boolean {
  const [net = '', bits] = entry.split('/');
  if (!isIPv4(host) || !isIPv4(net) || !/^([12]?\d|3[0-2])$/.test(bits ?? '')) return false;
  const range = new BlockList();
  range.addSubnet(net, Number(bits));
  return range.check(host);
}

function parseProxy(variable: string, address: string): ProxyServer {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`);
  const auth = url === null ? undefined : decoded(`${url.username}:${url.password}`);
  if (url === null || auth === undefined || !/^https?:$/.test(url.protocol)) {
    throw wrong(
      variable,
      'an address such as http://host:port or http://user:password@host:port (http or https)',
    );
  }
  const secure = url.protocol === 'https:';
  const port = Number(url.port) || (secure ? 443 : 80);
  return {
    name: `${url.hostname}:${port} (${variable})`,
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    authorization: auth === ':' ? undefined : `Basic ${Buffer.from(auth).toString('base64')}`,
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** An address may hold a password, so it is never shown. */
function wrong(variable: string, expected: string): ValidationError {
  const message = `proxyEnv: ${variable}: expected ${expected}, got something else, which is not shown`;
  return new ValidationError(`proxyEnv.${variable}`, '[hidden]', message);
}
