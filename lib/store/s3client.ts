// The SDK's client as this store uses it. The SDK finds credentials, region and AWS_ENDPOINT_URL by itself.
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

/** Milliseconds to connect, of silence on a connection, and for one request with its body. */
const CONNECT = 5_000;
const SILENCE = 30_000;
const REQUEST = 300_000;

/** Connections at once; who writes more objects than that waits for one. */
const SOCKETS = 128;

/**
 * A client that tries `attempts` times what S3 may answer better the next time (its 503 SlowDown, and any silence or
 * lost connection), waiting longer each time.
 */
export function s3Client(attempts: number, config: S3ClientConfig = {}): S3Client {
  const client = new S3Client({
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECT,
      requestTimeout: REQUEST,
      throwOnRequestTimeout: true,
      socketTimeout: SILENCE,
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
      httpAgent: { keepAlive: true, maxSockets: SOCKETS },
    },
    ...config,
  });
  const provider = client.config.endpointProvider;
  // A server of one's own rarely has a name for each bucket, as AWS has: the bucket stands in the path.
  client.config.endpointProvider = (parameters, context) =>
    provider({ ...parameters, ForcePathStyle: parameters.Endpoint !== undefined }, context);
  return client;
}
