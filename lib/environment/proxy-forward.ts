// Plain http through a proxy: the request goes to the proxy, with the whole address as its path (RFC 9112, absolute form).
import { ProxyError, proxyLabel, proxyRefused, proxyUnreachable } from './proxy-error.ts';
import { type ProxyEnv, type ProxyServer, proxyFor } from './proxy-variables.ts';

/** What a proxy changes of a request, in the AWS SDK's names. */
interface ForwardedRequest {
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
export async function forwardByProxy<A extends { request: unknown }, R extends { response: unknown }>(
  env: ProxyEnv,
  args: A,
  next: (args: A) => Promise<R>,
): Promise<R> {
  const request = args.request as ForwardedRequest;
  const origin = `${request.protocol}//${request.hostname}${request.port === undefined ? '' : `:${request.port}`}`;
  const proxy = request.protocol === 'http:' ? proxyFor(env, new URL(origin)) : undefined;
  if (proxy === undefined) return next(args);
  const result = await next({ ...args, request: addressToProxy(proxy, request, origin) }).catch((error) => {
    throw error instanceof Error && 'code' in error ? proxyUnreachable(proxy, error) : error;
  });
  const { statusCode } = result.response as { statusCode?: number };
  if (statusCode === 407) throw proxyRefused(proxy, 407);
  return result;
}

function addressToProxy(proxy: ProxyServer, asked: ForwardedRequest, origin: string): ForwardedRequest {
  const { host: hostname, port, authorization } = proxy;
  if (proxy.secure) {
    const advice = 'leads to https:// addresses only; give an http:// one for http:// addresses';
    throw new ProxyError(`${proxyLabel(proxy)} ${advice}`, 'ERR_PROXY', 400);
  }
  const headers = { ...asked.headers, ...(authorization && { 'proxy-authorization': authorization }) };
  return { ...asked, hostname, port, path: origin + asked.path, headers };
}
