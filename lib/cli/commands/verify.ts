// `verify`: checks a release with its published files alone, as an outsider could.
import { Command } from 'commander';
import { type VerifyAllResult, type VerifyResult, verifyAll, verifyRelease } from '../../verify/verify.ts';
import { openSource } from '../locations.ts';
import { printable } from '../printable.ts';
import { findPlace, stackOption } from '../published-location.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags {
  readonly stack?: string;
  readonly all: boolean;
  readonly json: boolean;
}

export const verifyCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('verify')
    .description(
      'Checks the current release: every file, its rows and columns, and nothing that is not listed; with --all every release.',
    )
    .argument('[SOURCE]', 'a folder, s3://bucket/prefix or an https:// address')
    .addOption(stackOption('SOURCE'))
    .option('--all', 'every release of the list, not only the current one', false)
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter verify ./dtm-open-data')
    .action(async (source: string | undefined, { all, json, stack }: Flags, command: Command) => {
      const { location } = await findPlace(command, 'SOURCE', { location: source, stack });
      const store = openSource(location);
      const verdict = await (all ? verifyAll(store, new Date()) : verifyRelease(store));
      const { problems, unlistable } = verdict;
      if (json) terminal.result(JSON.stringify(verdict));
      for (const problem of problems) terminal.note(`dtm-exporter: ${printable(problem)}`);
      if (!json && problems.length === 0) {
        terminal.result(successText(verdict));
        if (unlistable) terminal.note(`dtm-exporter: unlisted files were not searched for: ${unlistable}`);
      }
      finish(problems.length === 0 ? EXIT.done : EXIT.failed);
    });

function successText(verdict: VerifyResult | VerifyAllResult): string {
  const { release, files, bytes } = verdict;
  const subject =
    'releases' in verdict
      ? `Release ${release} and all others are whole: ${verdict.releases} releases,`
      : `Release ${release} is whole:`;
  return `${subject} ${files} files, ${bytes.toLocaleString('en')} bytes.`;
}
