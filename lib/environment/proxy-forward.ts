// Sends plain http requests through a proxy. The request's path is then the whole address (RFC 9112, absolute form).
import { ProxyError, proxyLabel, proxyRefused, proxyUnreachable } from './proxy-error.ts';
import { type ProxyEnv, type ProxyServer, proxyFor } from './proxy-variables.ts';

/** The parts of an AWS SDK request that change for a proxy. */
interface ForwardedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly headers: Record<string, string>;
}

/**
 * A middleware of the AWS SDK, for its step `deserialize`. It sends requests to http:// addresses through the proxy, and others
 * unchanged.
 * @throws {ProxyError} if the proxy does not let the request through
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

function addressToProxy(proxy: ProxyServer, request: ForwardedRequest, origin: string): ForwardedRequest {
  const { host: hostname, port, authorization } = proxy;
  if (proxy.secure) {
    const advice = 'leads to https:// addresses only; give an http:// one for http:// addresses';
    throw new ProxyError(`${proxyLabel(proxy)} ${advice}`, 'ERR_PROXY', 400);
  }
  const headers = { ...request.headers, ...(authorization && { 'proxy-authorization': authorization }) };
  return { ...request, hostname, port, path: origin + request.path, headers };
}
