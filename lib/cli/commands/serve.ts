// `serve`: serves the published dataset over HTTP, with the headers that a bucket sends.
import { once } from 'node:events';
import { Command } from 'commander';
import { readCurrent } from '../../catalogue/pointer.ts';
import { serveDataset } from '../../read/serve.ts';
import { openSource } from '../locations.ts';
import { integer } from '../option-values.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

export const serveCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('serve')
    .description('Serves the published dataset on 127.0.0.1 until it is stopped.')
    .argument('<SOURCE>', 'a folder, s3://bucket/prefix or an https:// address')
    .option('--port <N>', 'port; 0 takes any free one', integer(0, 65_535), 8000)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter serve ./dtm-open-data --port 8000')
    .action(async (source: string, { port }: { port: number }) => {
      const store = openSource(source);
      const { manifest } = await readCurrent(store);
      const visibility = manifest?.visibility ?? 'private';
      const served = await serveDataset(store, {
        port,
        visibility,
        onError: (error) => terminal.note(`dtm-exporter: ${(error as Error).message}`),
      });
      terminal.result(`Serving ${source} (${visibility}) at ${served.url} until you press Ctrl-C`);
      if (!terminal.interrupted.aborted) await once(terminal.interrupted, 'abort');
      await served.close();
      finish(EXIT.done);
    });
