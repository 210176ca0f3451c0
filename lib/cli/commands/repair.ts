// `repair`: reports faults in the files that are made from the releases, and with `--apply` makes these files again.
import { Command } from 'commander';
import { type Fault, planRepair, repair } from '../../catalogue/repair/repair.ts';
import { readVisibility } from '../../catalogue/repair/survey.ts';
import { ConfigurationError, readEnvironment } from '../../environment/configuration.ts';
import { isS3 } from '../../store/s3/address.ts';
import { openSource } from '../locations.ts';
import { printable } from '../printable.ts';
import { findPlace, stackOption } from '../published-location.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags {
  readonly stack?: string;
  readonly apply: boolean;
  readonly json: boolean;
}

export const repairCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('repair')
    .description(
      'Says what is wrong with pointer, list, status, feed and page, and with --apply makes them again from the releases ' +
        'that are there. No release is changed; what is wrong with one is said.',
    )
    .argument('[DEST]', 'the folder or s3://bucket/prefix that is published into')
    .addOption(stackOption('DEST'))
    .option('--apply', 'do it; without it only what is wrong is printed', false)
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter repair ./dtm-open-data --apply')
    .action(async (dest: string | undefined, { apply, json, stack }: Flags, command: Command) => {
      const { location: to, stack: deployed } = await findPlace(command, 'DEST', { location: dest, stack });
      if (/^https?:\/\//i.test(to))
        throw new ConfigurationError(
          `${to}: a web address is read only; give the folder or bucket behind it`,
        );
      const { publicUrl } = deployed ?? readEnvironment();
      const read = openSource(to);
      // Files in a bucket keep the dataset's visibility. The setting of this machine is ignored.
      const store = isS3(to) ? openSource(to, { visibility: await readVisibility(read) }) : read;
      const options = { now: new Date(), publicUrl };
      const faults = await (apply ? repair(store, options) : planRepair(store, options));
      const remaining = apply ? await planRepair(store, options) : faults;
      terminal.result(
        json ? JSON.stringify({ applied: apply, faults, left: remaining }) : repairText(to, faults, apply),
      );
      finish(remaining.length === 0 ? EXIT.done : EXIT.failed);
    });

function repairText(to: string, faults: readonly Fault[], applied: boolean): string {
  if (faults.length === 0) return `Nothing is wrong with ${to}`;
  return [
    applied ? `Repaired in ${to}:` : `Wrong in ${to}, repaired with --apply where a repair is shown:`,
    ...faults.map(({ file, what, mend }) => `  ${file}  ${printable(what)}${repairStep(mend, applied)}`),
  ].join('\n');
}

const repairStep = (mend: string | null, applied: boolean): string =>
  mend === null ? '; NOT repaired here' : ` -> ${applied ? '' : 'would be: '}${printable(mend)}`;
