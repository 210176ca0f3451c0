// `repoint`: makes the tables and views of the catalogue those of the current release, whatever the event says: events may

// come late, twice and in any order, the pointer is never wrong.
import { GlueClient } from '@aws-sdk/client-glue';
import { glueCatalogue, pointCatalogue } from '../lib/aws/catalogue.ts';
import { connectionOf } from '../lib/aws/connection.ts';
import { readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { openPlace } from '../lib/run/context.ts';
import { currentRelease } from '../lib/run/current-release.ts';

import { anything } from './events.ts';
import { openDoor } from './handler.ts';

function cold() {
  const environment = readLambdaEnvironment(['destination', 'glueDatabase']);
  return {
    store: openPlace(environment.destination, environment),
    catalogue: glueCatalogue(new GlueClient(connectionOf(environment)), environment.glueDatabase),
  };
}

export const handler = openDoor(
  { shape: anything, facts: () => ({}), cold },
  async (_, { setting: { store, catalogue }, logger }) => {
    const current = await currentRelease(store);
    const release = current?.release ?? null;
    logger.appendKeys({ release });
    // Where the only release was withdrawn its data files are gone, so the tables have no rows where they are.
    if (current) await pointCatalogue(catalogue, current, store.location);
    logger.info(current ? 'the catalogue has the current release' : 'there is no current release');
    return { release };
  },
);
