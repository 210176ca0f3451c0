// `watch`: runs a command for every new release of a source.
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import {
  ConfigurationError,
  readCommandEnvironment,
  readStateHome,
} from '../../environment/configuration.ts';
import { type Turn, takeTurn, type Watcher } from '../../read/watch/turn.ts';
import { absoluteSource } from '../../read/watch/variables.ts';
import { SYSTEM_CLOCK, watchSource, withWatchLock } from '../../read/watch/watch-source.ts';
import { openSource } from '../locations.ts';
import { countries, interval, nonBlank } from '../option-values.ts';
import { EXIT, type Exit, type Finish, type Terminal } from '../terminal.ts';
import { createWatchReport } from '../watch-report.ts';

interface Flags {
  readonly exec: string;
  readonly every: number;
  readonly countries?: string[];
  readonly once: boolean;
  readonly state?: string;
  readonly quiet: boolean;
}

const VARIABLES = `
The command runs in a shell (/bin/sh), once for every release, for the current one first. It gets what happened as
variables: DTM_EVENT (published or withdrawn), DTM_EVENT_ID, DTM_ATTEMPT, DTM_SOURCE, DTM_RELEASE, DTM_MANIFEST,
DTM_MANIFEST_SHA256, DTM_CHANGED_COUNTRIES (HTI,TCD), DTM_CHANGES_KNOWN (yes or no), DTM_PREVIOUS_RELEASE and
DTM_WITHDRAWN. It does not get the keys of the API. If it fails, it runs again at the next turn.

Example:
  $ dtm-exporter watch https://example.org/dtm --every 1h --exec 'dtm-exporter download "$DTM_SOURCE" --to ./dtm'`;

export const watchCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('watch')
    .description('Runs a command for every new release; asks with one small request if nothing is new.')
    .argument('<SOURCE>', 'a folder, s3://bucket/prefix or an https:// address')
    .requiredOption('--exec <COMMAND>', 'command line for the shell', nonBlank('a command for the shell'))
    .addOption(
      new Option('--every <TIME>', 'how often to ask, such as 30s, 15m, 1h or 1d')
        .argParser(interval)
        .default(3600, '1h'),
    )
    .option('--countries <CODES>', 'run only if one of these changed, such as AFG,HTI', countries)
    .addOption(new Option('--once', 'ask once and exit, for cron').default(false).conflicts('every'))
    .option(
      '--state <FILE>',
      'what was seen (default: a file in ~/.local/state/dtm-exporter)',
      nonBlank('a file'),
    )
    .option('--quiet', 'print only problems', false)
    .addHelpText('after', VARIABLES)
    .action(async (location: string, flags: Flags) => {
      const watcher = createWatcher(location, flags, terminal);
      const exit = await withWatchLock(watcher.statePath, () => watch(watcher, flags, terminal));
      if (exit !== null) return finish(exit);
      const isUsual = flags.once && flags.quiet;
      if (!isUsual)
        terminal.note(
          `dtm-exporter: another watcher uses ${watcher.statePath}; nothing is asked or run here`,
        );
      finish(flags.once ? EXIT.done : EXIT.failed);
    });

/** @throws {ConfigurationError} if the source is of a kind that is not supported, or there is no shell */
function createWatcher(location: string, flags: Flags, { interrupted }: Terminal): Watcher {
  if (process.platform === 'win32')
    throw new ConfigurationError('watch needs the shell /bin/sh, which Windows does not have; use WSL');
  const store = openSource(location, { signal: interrupted });
  const source = absoluteSource(location);
  return {
    store,
    source,
    command: { line: flags.exec, env: readCommandEnvironment() },
    countries: flags.countries ?? null,
    statePath: flags.state === undefined ? defaultStatePath(source, flags) : resolve(flags.state),
  };
}

/** A file for this source, command and countries: what one command has done says nothing of another one. */
function defaultStatePath(source: string, { exec, countries = [] }: Flags): string {
  const name = createHash('sha256')
    .update(JSON.stringify([source, exec, countries]))
    .digest('hex');
  const home = readStateHome() ?? join(homedir(), '.local/state');
  return join(home, 'dtm-exporter', `watch-${name.slice(0, 16)}.json`);
}

async function watch(watcher: Watcher, { once, every, quiet }: Flags, terminal: Terminal): Promise<Exit> {
  const report = createWatchReport(terminal, { quiet, again: once ? 'the next time' : 'at the next turn' });
  const options = { signal: terminal.interrupted, onStart: report.onStart };
  if (once) {
    const turn = await takeTurn(watcher, options);
    report.onTurn(turn);
    return exitOf(turn);
  }
  report.onWatch(watcher);
  await watchSource(watcher, { ...options, every, clock: SYSTEM_CLOCK, onTurn: report.onTurn });
  return EXIT.done;
}

/** 1: the command failed, or the source has no release that can be handled now. */
const exitOf = ({ outcome }: Turn): Exit =>
  outcome === 'failed' || outcome === 'waiting' ? EXIT.failed : EXIT.done;
