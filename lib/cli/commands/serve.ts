// `serve`: serves the published dataset over HTTP, with the headers that a bucket sends.
import { once } from 'node:events';
import { Command } from 'commander';
import { readCurrent } from '../../catalogue/pointer.ts';
import { serveDataset } from '../../read/serve.ts';
import { openSource } from '../locations.ts';
import { integer } from '../option-values.ts';
import { findPlace, stackOption } from '../published-location.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags {
  readonly stack?: string;
  readonly port: number;
}

export const serveCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('serve')
    .description('Serves the published dataset on 127.0.0.1 until it is stopped.')
    .argument('[SOURCE]', 'a folder, s3://bucket/prefix or an https:// address')
    .addOption(stackOption('SOURCE'))
    .option('--port <N>', 'port; 0 takes any free one', integer(0, 65_535), 8000)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter serve ./dtm-open-data --port 8000')
    .action(async (source: string | undefined, { port, stack }: Flags, command: Command) => {
      const { location } = await findPlace(command, 'SOURCE', { location: source, stack });
      const store = openSource(location);
      const { manifest } = await readCurrent(store);
      const visibility = manifest?.visibility ?? 'private';
      const served = await serveDataset(store, {
        port,
        visibility,
        onError: (error) => terminal.note(`dtm-exporter: ${(error as Error).message}`),
      });
      terminal.result(`Serving ${location} (${visibility}) at ${served.url} until you press Ctrl-C`);
      if (!terminal.interrupted.aborted) await once(terminal.interrupted, 'abort');
      await served.close();
      finish(EXIT.done);
    });
