// Plain http through a proxy: the request goes to the proxy, with the whole address as its path (RFC 9112, absolute form).
import { nameOf, ProxyError, refused, unreachable } from './proxy-error.ts';
import { type ProxyEnv, type ProxyServer, proxyFor } from './proxy-variables.ts';

/** What a proxy changes of a request, in the AWS SDK's names. */
interface Asked {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly headers: Record<string, string>;
}

/**
 * Sends what an AWS client asks of an http:// address through the proxy to it, and all else as it is: a middleware of the
 * SDK's step `deserialize`, next to the connection.
 * @throws {ProxyError} if the proxy does not let it through
 */
export async function forward<A extends { request: unknown }, R extends { response: unknown }>(
  env: ProxyEnv,
  args: A,
  next: (args: A) => Promise<R>,
): Promise<R> {
  const asked = args.request as Asked;
  const origin = `${asked.protocol}//${asked.hostname}${asked.port === undefined ? '' : `:${asked.port}`}`;
  const proxy = asked.protocol === 'http:' ? proxyFor(env, new URL(origin)) : undefined;
  if (proxy === undefined) return next(args);
  const result = await next({ ...args, request: throughProxy(proxy, asked, origin) }).catch((error) => {
    throw error instanceof Error && 'code' in error ? unreachable(proxy, error) : error;
  });
  const { statusCode } = result.response as { statusCode?: number };
  if (statusCode === 407) throw refused(proxy, 407);
  return result;
}

function throughProxy(proxy: ProxyServer, asked: Asked, origin: string): Asked {
  const { host: hostname, port, authorization } = proxy;
  if (proxy.secure) {
    const advice = 'leads to https:// addresses only; give an http:// one for http:// addresses';
    throw new ProxyError(`${nameOf(proxy)} ${advice}`, 'ERR_PROXY', 400);
  }
  const headers = { ...asked.headers, ...(authorization && { 'proxy-authorization': authorization }) };
  return { ...asked, hostname, port, path: origin + asked.path, headers };
}
