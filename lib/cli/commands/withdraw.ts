// `withdraw`: takes a release back and deletes its data files.
import { Command, InvalidArgumentError } from 'commander';
import { ConfigurationError } from '../../environment/configuration.ts';
import { type WithdrawalResult, withdrawRelease } from '../../retire/withdraw.ts';
import { isS3 } from '../../store/s3/address.ts';
import { releaseId, sentence } from '../option-values.ts';
import { printable } from '../printable.ts';
import { checkPlace, findPlace, openPublished, stackOption } from '../published-location.ts';
import { type Finish, noteUnfinished, type Terminal } from '../terminal.ts';

type Args = [first: string | undefined, second: string | undefined, flags: Flags, command: Command];

interface Flags {
  readonly stack?: string;
  readonly reason: string;
  readonly json: boolean;
}

export const withdrawCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('withdraw')
    .description(
      'Takes a release back: its data files are deleted for good, its manifest and the reason stay, and the newest ' +
        'release that remains becomes the current one. What was stopped is finished by running it again.',
    )
    .usage('[options] <DEST> <RELEASE>\n       dtm-exporter withdraw [options] --stack <NAME> <RELEASE>')
    .argument('[DEST]', 'the folder or s3://bucket/prefix that it was published into')
    .argument('[RELEASE]', 'its id, such as 2026-11-24.1')
    .addOption(stackOption('DEST'))
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
    .action(async (...[first, second, flags, command]: Args) => {
      const { reason, json, stack } = flags;
      // With --stack the only argument is the release.
      const [dest, id] = stack === undefined || second !== undefined ? [first, second] : [undefined, first];
      checkPlace(command, 'DEST', { location: dest, stack });
      const release = checkRelease(command, id);
      const place = await findPlace(command, 'DEST', { location: dest, stack });
      const { location: to } = place;
      const { store, ...published } = await openPublished(place);
      const options = { reason, now: new Date(), ...published };
      const withdrawn = await withdrawRelease(store, release, options);
      if (!withdrawn) throw new ConfigurationError(`${to}: no release ${release} was ever published here`);
      terminal.result(json ? JSON.stringify(withdrawn) : withdrawnText(withdrawn, to));
      if (isS3(to) && published.announcer === null)
        terminal.note(
          'dtm-exporter: nobody was told: with --stack NAME the event goes to the subscribers and the tables of the stack',
        );
      finish(noteUnfinished(terminal, withdrawn.unfinished));
    });

/** Ends the command with a usage error unless `id` is a release id. */
function checkRelease(command: Command, id: string | undefined): string {
  if (id === undefined) return command.error("error: missing required argument 'RELEASE'");
  try {
    return releaseId(id);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return command.error(
      `error: command-argument value '${id}' is invalid for argument 'RELEASE'. ${error.message}`,
    );
  }
}

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
