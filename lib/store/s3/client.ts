// Creates the SDK's client for this store. The SDK finds credentials, region and AWS_ENDPOINT_URL by itself, but no
// proxies.
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { ProxyAgent } from '../../environment/proxy-agent.ts';
import { ProxyError } from '../../environment/proxy-error.ts';
import { forwardByProxy } from '../../environment/proxy-forward.ts';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';

/** Milliseconds: to connect, to connect through a proxy, without any byte, and for one request with its body. */
const CONNECT_TIMEOUT = 5_000;
const PROXY_CONNECT_TIMEOUT = 20_000;
const IDLE_TIMEOUT = 30_000;
const REQUEST_TIMEOUT = 300_000;

/** At most 128 connections at once; further writes wait for a free one. */
const POOL = { keepAlive: true, maxSockets: 128 };

/** Runs a middleware last before the request is sent, so that no other one changes the request after it. */
const LAST_STEP = { step: 'deserialize', priority: 'low' } as const;

/**
 * Creates a client. It sends a request up to `attempts` times if the failure is retryable (503 SlowDown, a timeout, a
 * lost connection), with growing waits.
 */
export function s3Client(attempts: number, proxyEnv: ProxyEnv = {}, config: S3ClientConfig = {}): S3Client {
  const byProxy = Object.keys(proxyEnv).length > 0;
  const client = new S3Client({
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: {
      // With a proxy, the SDK sees a connection only once it leads to S3. The agent has its own limit for that time.
      connectionTimeout: byProxy ? IDLE_TIMEOUT : CONNECT_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_TIMEOUT,
      // Set both agents: for large bodies the SDK replaces its default agents by new ones without proxy.
      httpsAgent: byProxy ? new ProxyAgent(proxyEnv, { ...POOL, timeout: PROXY_CONNECT_TIMEOUT }) : POOL,
      httpAgent: POOL,
    },
    ...config,
  });
  client.middlewareStack.add(
    (next) => (args) => forwardByProxy(proxyEnv, args, next).catch(rethrowAsRetryable),
    LAST_STEP,
  );
  const provider = client.config.endpointProvider;
  // Other servers than AWS rarely have a host name for each bucket, so the bucket is put into the path.
  client.config.endpointProvider = (parameters, context) =>
    provider({ ...parameters, ForcePathStyle: parameters.Endpoint !== undefined }, context);
  return client;
}

/** Marks a retryable ProxyError so that the SDK tries again. */
function rethrowAsRetryable(error: unknown): never {
  throw error instanceof ProxyError && error.isRetryable ? Object.assign(error, { $retryable: {} }) : error;
}
