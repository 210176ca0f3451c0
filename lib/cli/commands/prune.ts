// `prune`: removes releases and runs that the retention rule does not keep.
import { Command } from 'commander';
import { ConfigurationError } from '../../environment/configuration.ts';
import { LATEST } from '../../release/layout.ts';
import { type PruneResult, planPrune, prune, type Removal } from '../../retire/prune.ts';
import { integer, months } from '../option-values.ts';
import { findPlace, openPublished, stackOption } from '../published-location.ts';
import { type Finish, noteUnfinished, type Terminal } from '../terminal.ts';

interface Flags {
  readonly stack?: string;
  readonly keepNewest: number;
  readonly keepMonthly: number | 'all';
  readonly keepRuns: number;
  readonly notice: number;
  readonly apply: boolean;
  readonly json: boolean;
}

/** Days that can be added to a date. */
const DAYS = integer(0, 36_500);

export const pruneCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('prune')
    .description(
      'Removes the data files of releases that the retention rule lets go, claims of runs that came to nothing (after ' +
        '7 days) and what runs left behind. Manifests and changes stay for ever, and never goes what the pointer names.',
    )
    .argument('[DEST]', 'the folder or s3://bucket/prefix that is published into')
    .addOption(stackOption('DEST'))
    .option('--keep-newest <N>', 'so many of the newest releases stay', integer(1), 10)
    .option(
      '--keep-monthly <MONTHS>',
      'the first release of each of so many months stays, or of all',
      months,
      'all',
    )
    .option('--notice <DAYS>', 'between saying that a release goes and removing it', DAYS, 0)
    .option('--keep-runs <DAYS>', 'answers as received and staged files stay for so long', DAYS, 30)
    .option('--apply', 'do it; without it only what would go is printed', false)
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter prune ./dtm-open-data --keep-newest 30 --apply')
    .action(async (dest: string | undefined, { apply, json, stack, ...rule }: Flags, command: Command) => {
      const place = await findPlace(command, 'DEST', { location: dest, stack });
      const { location: to } = place;
      const { store, publicUrl, edge } = await openPublished(place);
      if (!(await store.head(LATEST))) throw new ConfigurationError(`${to}: nothing is published here`);
      const options = { ...rule, now: new Date() };
      const pruned = await (apply
        ? prune(store, { ...options, publicUrl, edge })
        : planPrune(store, options));
      terminal.result(json ? JSON.stringify({ applied: apply, ...pruned }) : prunedText(pruned, to, apply));
      finish(noteUnfinished(terminal, pruned.unfinished));
    });

function prunedText(
  { releases, announced, reprieved, unpublished, runs, assets }: PruneResult,
  to: string,
  applied: boolean,
): string {
  const removals = [...releases, ...unpublished, ...runs, ...assets];
  const bytes = removals.reduce((sum, removal) => sum + removal.bytes, 0).toLocaleString('en');
  const counts = [
    count(releases, 'release'),
    count(unpublished, 'unpublished release'),
    count(runs, 'run'),
    `${bytes} bytes`,
  ].join(', ');
  return [
    applied ? `Removed from ${to}: ${counts}` : `Would be removed from ${to} with --apply: ${counts}`,
    ...releases.map((removal) => line('release', removal)),
    ...unpublished.map((removal) => line('unpublished', removal)),
    ...runs.map((removal) => line('run', removal)),
    ...assets.map((removal) => line('page', removal)),
    ...announced.map((removal) => `${line('later', removal)}, kept until ${removal.expires_at}`),
    ...reprieved.map((release) => `  stays after all  ${release}`),
  ].join('\n');
}

const count = ({ length }: readonly Removal[], noun: string): string =>
  `${length} ${length === 1 ? noun : `${noun}s`}`;

const line = (kind: string, { name, files, bytes }: Removal): string =>
  `  ${kind.padEnd(11)} ${name}  ${files} files, ${bytes.toLocaleString('en')} bytes`;
