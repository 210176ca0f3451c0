// `withdraw`: takes a release back and deletes its data files.
import { Command } from 'commander';
import { ConfigurationError } from '../../environment/configuration.ts';
import { type WithdrawalResult, withdrawRelease } from '../../retire/withdraw.ts';
import { releaseId, sentence } from '../option-values.ts';
import { printable } from '../printable.ts';
import { openPublished } from '../published-location.ts';
import { type Finish, noteUnfinished, type Terminal } from '../terminal.ts';

interface Flags {
  readonly reason: string;
  readonly json: boolean;
}

export const withdrawCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('withdraw')
    .description(
      'Takes a release back: its data files are deleted for good, its manifest and the reason stay, and the newest ' +
        'release that remains becomes the current one. What was stopped is finished by running it again.',
    )
    .argument('<DEST>', 'the folder or s3://bucket/prefix that it was published into')
    .argument('<RELEASE>', 'its id, such as 2026-11-24.1', releaseId)
    .requiredOption(
      '--reason <TEXT>',
      'why; published in withdrawn.json, releases.json and feed.xml',
      sentence,
    )
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText(
      'after',
      "\nExample:\n  $ dtm-exporter withdraw ./dtm-open-data 2026-11-24.1 --reason 'Haiti was counted twice'",
    )
    .action(async (to: string, release: string, { reason, json }: Flags) => {
      const { store, ...published } = await openPublished(to);
      const options = { reason, now: new Date(), ...published };
      const withdrawn = await withdrawRelease(store, release, options);
      if (!withdrawn) throw new ConfigurationError(`${to}: no release ${release} was ever published here`);
      terminal.result(json ? JSON.stringify(withdrawn) : withdrawnText(withdrawn, to));
      finish(noteUnfinished(terminal, withdrawn.unfinished));
    });

function withdrawnText(
  { release, reason, date, already, removed, current }: WithdrawalResult,
  to: string,
): string {
  const headline = already
    ? `Release ${release} in ${to} was withdrawn already, on ${printable(date)}: ${printable(reason)}`
    : `Withdrew release ${release} from ${to}: ${printable(reason)}`;
  const files = already && removed === 0 ? 'nothing was left to delete' : `${removed} files deleted`;
  return `${headline}\n  files      ${files}\n  current    ${current ?? 'none: no release remains'}`;
}
