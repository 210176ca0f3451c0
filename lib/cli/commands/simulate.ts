// `simulate`: runs the simulator of the DTM API on a port.
import { once } from 'node:events';
import { Command } from 'commander';
import { ConfigurationError } from '../../environment/configuration.ts';
import { type SimulatorOptions, startSimulator } from '../../simulator/server.ts';
import { decimal, headerKey, integer } from '../option-values.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

type Flags = Required<Pick<SimulatorOptions, 'port' | 'key' | 'hnaKey' | 'seed' | 'scale'>> & {
  readonly fault: string[];
  readonly answers?: string;
};

export const simulateCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('simulate')
    .description("Runs the DTM API's simulator on 127.0.0.1 until it is stopped.")
    .option('--port <N>', 'port; 0 takes any free one', integer(0, 65_535), 8080)
    .option('--key <KEY>', 'the subscription key that requests must carry', headerKey, 'sample-key')
    .option('--hna-key <KEY>', 'the key of the HNA service, another one', headerKey, 'sample-hna-key')
    .option('--seed <N>', 'of the synthetic world', integer(0), 1)
    .option(
      '--scale <X>',
      'of the synthetic world: 1 is about 200,000 rows',
      decimal(0, 'a number above 0'),
      1,
    )
    .option(
      '--fault <SPEC>',
      'a fault to inject; may be given again',
      (spec: string, all: string[]) => [...all, spec],
      [],
    )
    .option('--answers <DIR>', 'serve recorded answers (admin0-HTI.json, country-list.json, ...) instead')
    .addHelpText(
      'after',
      "\nExample:\n  $ dtm-exporter simulate --port 8080 --key k --scale 0.1 --fault '500@AFG*2'",
    )
    .action(async ({ fault, ...flags }: Flags, command: Command) => {
      if (flags.key === flags.hnaKey)
        command.error(
          'error: expected --key and --hna-key to differ, got the same key for both; the services have a key each',
        );
      const simulator = await startSimulator({ ...flags, faults: fault }).catch((error: Error) => {
        throw new ConfigurationError(error.message, { cause: error });
      });
      terminal.result(
        `Simulating the DTM API at ${simulator.url} until you press Ctrl-C\n` +
          `  DTMAPI_URL=${simulator.url} DTMAPI_SUBSCRIPTION_KEY=${flags.key} dtm-exporter export\n` +
          `  and of the HNA service, with the key ${flags.hnaKey}`,
      );
      if (!terminal.interrupted.aborted) await once(terminal.interrupted, 'abort');
      await simulator.close();
      finish(EXIT.done);
    });
