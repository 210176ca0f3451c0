// The SDK's client as this store uses it. The SDK finds credentials, region and AWS_ENDPOINT_URL by itself, but no proxies.
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { ProxyAgent } from '../../environment/proxy-agent.ts';
import { ProxyError } from '../../environment/proxy-error.ts';
import { forwardByProxy } from '../../environment/proxy-forward.ts';
import type { ProxyEnv } from '../../environment/proxy-variables.ts';

/** Milliseconds to connect, for a proxy to connect, of silence on a connection, and for one request with its body. */
const CONNECT_TIMEOUT = 5_000;
const PROXY_CONNECT_TIMEOUT = 20_000;
const IDLE_TIMEOUT = 30_000;
const REQUEST_TIMEOUT = 300_000;

/** Connections at once; who writes more objects than that waits for one. */
const POOL = { keepAlive: true, maxSockets: 128 };

/** The place of a middleware next to the connection: nothing changes the request after it. */
const LAST_STEP = { step: 'deserialize', priority: 'low' } as const;

/**
 * A client that tries `attempts` times what S3 may answer better the next time (its 503 SlowDown, and any silence or
 * lost connection), waiting longer each time.
 */
export function s3Client(attempts: number, proxyEnv: ProxyEnv = {}, config: S3ClientConfig = {}): S3Client {
  const byProxy = Object.keys(proxyEnv).length > 0;
  const client = new S3Client({
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: {
      // A proxy's connection counts as made once it leads to S3, and is given up by the agent, which says so.
      connectionTimeout: byProxy ? IDLE_TIMEOUT : CONNECT_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_TIMEOUT,
      // Made here: for large bodies the SDK replaces its own by one that knows no proxy.
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
  // A server of one's own rarely has a name for each bucket, as AWS has: the bucket stands in the path.
  client.config.endpointProvider = (parameters, context) =>
    provider({ ...parameters, ForcePathStyle: parameters.Endpoint !== undefined }, context);
  return client;
}

/** Lets the SDK try again what a proxy may let through the next time. */
function rethrowAsRetryable(error: unknown): never {
  throw error instanceof ProxyError && error.isRetryable ? Object.assign(error, { $retryable: {} }) : error;
}
