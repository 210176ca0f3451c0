// `repoint`: points the tables and views of the Glue catalogue at the current release. It reads the pointer and ignores
// the event's content, because events may come late, twice or in any order.
import { GlueClient } from '@aws-sdk/client-glue';
import { createGlueCatalogue, pointCatalogue } from '../lib/aws/catalogue.ts';
import { createConnection } from '../lib/aws/connection.ts';
import { readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { openDestination } from '../lib/run/context.ts';
import { readCurrentManifest } from '../lib/run/current-release.ts';
import { createHandler } from './create-handler.ts';
import { anyEvent } from './events.ts';

function initialise() {
  const environment = readLambdaEnvironment(['destination', 'glueDatabase']);
  return {
    store: openDestination(environment.destination, environment),
    catalogue: createGlueCatalogue(new GlueClient(createConnection(environment)), environment.glueDatabase),
  };
}

export const handler = createHandler(
  { eventStruct: anyEvent, logKeys: () => ({}), initialise },
  async (_, { resources: { store, catalogue }, logger }) => {
    const current = await readCurrentManifest(store);
    const release = current?.release ?? null;
    logger.appendKeys({ release });
    // Without a current release the tables stay: the data files of the withdrawn release are gone, so they have no rows.
    if (current) await pointCatalogue(catalogue, current, store.location);
    logger.info(current ? 'the catalogue has the current release' : 'there is no current release');
    return { release };
  },
);
