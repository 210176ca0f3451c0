// Empties the caches of a CloudFront distribution. It loads the SDK with the first order, so a function that gives none
// starts faster.
import { randomUUID } from 'node:crypto';
import type { Environment } from '../environment/configuration.ts';
import { type Edge, EdgeError } from '../retire/edge.ts';
import { createConnection } from './connection.ts';

/** Creates invalidations of the distribution that the environment names. Null if it names none. */
export function createEdge({
  distribution,
  proxyEnv,
}: Pick<Environment, 'distribution' | 'proxyEnv'>): Edge | null {
  if (distribution === null) return null;
  return {
    async forget(paths) {
      const { CloudFrontClient, CreateInvalidationCommand } = await import('@aws-sdk/client-cloudfront');
      const command = new CreateInvalidationCommand({
        DistributionId: distribution,
        InvalidationBatch: {
          // CloudFront: the same reference is the same order. So a retry of the SDK gives no second one, but a repeated
          // command does.
          CallerReference: randomUUID(),
          Paths: { Quantity: paths.length, Items: [...paths] },
        },
      });
      const client = new CloudFrontClient(createConnection({ proxyEnv }));
      try {
        await client.send(command);
      } catch (error) {
        const { name, message } = error as Error;
        throw new EdgeError(
          `the distribution ${distribution} could not be asked to forget ${paths.join(', ')} (${name}: ${message}); it keeps them for a day at most`,
          { cause: error },
        );
      } finally {
        client.destroy();
      }
    },
  };
}
