// The SDK's client as this store uses it. The SDK finds credentials, region and AWS_ENDPOINT_URL by itself, but no proxies.
import http from 'node:http';
import https from 'node:https';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { isPassingRefusal, type ProxyEnv } from './proxy.ts';

/** Milliseconds to connect, of silence on a connection, and for one request with its body. */
const CONNECT = 5_000;
const CONNECT_BY_PROXY = 20_000;
const SILENCE = 30_000;
const REQUEST = 300_000;

/** Connections at once; who writes more objects than that waits for one. */
const POOL = { keepAlive: true, maxSockets: 128 };

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
      // A proxy's connection counts as made once it is encrypted up to S3.
      connectionTimeout: byProxy ? CONNECT_BY_PROXY : CONNECT,
      requestTimeout: REQUEST,
      throwOnRequestTimeout: true,
      socketTimeout: SILENCE,
      ...(byProxy ? agentsFor(proxyEnv) : { httpsAgent: POOL, httpAgent: POOL }),
    },
    ...config,
  });
  client.middlewareStack.add((next) => (args) => next(args).catch(refuse), { step: 'deserialize' });
  const provider = client.config.endpointProvider;
  // A server of one's own rarely has a name for each bucket, as AWS has: the bucket stands in the path.
  client.config.endpointProvider = (parameters, context) =>
    provider({ ...parameters, ForcePathStyle: parameters.Endpoint !== undefined }, context);
  return client;
}

/** Agents made here, since for large bodies the SDK replaces its own by one that knows no proxy. */
function agentsFor(proxyEnv: ProxyEnv) {
  const options = { ...POOL, timeout: SILENCE, proxyEnv };
  return { httpsAgent: new https.Agent(options), httpAgent: new http.Agent(options) };
}

/** Lets the SDK try again what a proxy may let through the next time. */
function refuse(error: unknown): never {
  throw isPassingRefusal(error) ? Object.assign(error, { $retryable: {} }) : error;
}
