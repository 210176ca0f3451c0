// `verify`: a release as a stranger would check it.
import { Command } from 'commander';
import { verifyRelease } from '../release/verify.ts';
import { openSource } from './places.ts';
import { EXIT, type Finish, type Terminal } from './terminal.ts';
import { visible } from './visible.ts';

export const verifyCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('verify')
    .description(
      'Checks the current release: every file, its rows and columns, and nothing that is not listed.',
    )
    .argument('<SOURCE>', 'a folder, s3://bucket/prefix or an https:// address')
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter verify ./dtm-open-data')
    .action(async (source: string, { json }: { json: boolean }) => {
      const verdict = await verifyRelease(openSource(source));
      const { release, files, bytes, problems, unlistable } = verdict;
      if (json) terminal.result(JSON.stringify(verdict));
      for (const problem of problems) terminal.note(`dtm-exporter: ${visible(problem)}`);
      if (!json && problems.length === 0) {
        terminal.result(`Release ${release} is whole: ${files} files, ${bytes.toLocaleString('en')} bytes.`);
        if (unlistable)
          terminal.note(`dtm-exporter: files that nobody listed were not looked for: ${unlistable}`);
      }
      finish(problems.length === 0 ? EXIT.done : EXIT.failed);
    });
