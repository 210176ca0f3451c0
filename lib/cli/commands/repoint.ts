// `repoint`: points the tables of a stack's database at the current release, as the function `repoint` does.
import { Command } from 'commander';
import { createConnection } from '../../aws/connection.ts';
import { ServiceError } from '../../aws/service-error.ts';
import { readStack } from '../../aws/stack.ts';
import { nothingPublishedMessage } from '../../catalogue/prefix.ts';
import { ConfigurationError, readProxies } from '../../environment/configuration.ts';
import { readCurrentManifest } from '../../run/current-release.ts';
import { openSource } from '../locations.ts';
import { stackName } from '../option-values.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags {
  readonly stack: string;
  readonly json: boolean;
}

export const repointCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('repoint')
    .description(
      "Points the tables and views of a stack's database at the current release. The stack does so by itself after " +
        'every release, withdrawal and deployment.',
    )
    .requiredOption('--stack <NAME>', 'the deployed stack, such as dtm-exporter-prod', stackName)
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter repoint --stack dtm-exporter-prod')
    .action(async ({ stack, json }: Flags) => {
      const { destination, database } = await readStack(stack, { proxyEnv: readProxies() });
      const store = openSource(destination);
      const current = await readCurrentManifest(store);
      if (!current) throw new ConfigurationError(await nothingPublishedMessage(store));
      // Loads the SDK's client for this command only.
      const [{ createGlueCatalogue, pointCatalogue }, { GlueClient }] = await Promise.all([
        import('../../aws/catalogue.ts'),
        import('@aws-sdk/client-glue'),
      ]);
      const client = new GlueClient(createConnection({ proxyEnv: readProxies() }));
      await pointCatalogue(createGlueCatalogue(client, database), current, store.location).catch(
        ({ name, message }: Error) => {
          throw new ServiceError(
            `the database ${database} was not changed as a whole (${name}: ${message}); mend that and run the same command again`,
          );
        },
      );
      const { release } = current;
      terminal.result(
        json ? JSON.stringify({ database, release }) : `The tables of ${database} have release ${release}`,
      );
      finish(EXIT.done);
    });
