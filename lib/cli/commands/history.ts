// `history`: every value that the counts of a country have had.
import { Command } from 'commander';
import type { Level } from '../../dtm/endpoints.ts';
import { ConfigurationError } from '../../environment/configuration.ts';
import {
  type CountFilter,
  type EmptyFilter,
  historyOf,
  isEmptyFilter,
  selectCounts,
} from '../../read/since/count-history.ts';
import { type ReleaseCounts, readCountryHistory } from '../../read/since/country-history.ts';
import { readListed } from '../../read/since/find-listed.ts';
import { createHistoryReport, type HistoryReport, historyCsv } from '../../read/since/history-report.ts';
import { openSource } from '../locations.ts';
import { country, day, fileName, integer, level } from '../option-values.ts';
import { historyText } from '../since/history-text.ts';
import { printReport, type ReportFlags } from '../since/print-report.ts';
import { slowProgress } from '../since/slow-progress.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags extends ReportFlags {
  readonly country: string;
  readonly level: Level;
  readonly operation?: string;
  readonly type?: string;
  readonly date?: string;
  readonly round?: number;
}

const RULES = `
A count is the total of one operation, assessment type, date and round; IOM revises counts of the past. A release that
brought no other value is left out. Releases whose data files are gone are rebuilt from change logs, as far as these
reach; which are not known is said.

Example:
  $ dtm-exporter history ./dtm-open-data --country SDN`;

export const historyCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('history')
    .description('Every value that the counts of a country have had, and the release that brought it.')
    .argument('<SOURCE>', 'a folder, s3://bucket/prefix or an https:// address')
    .requiredOption('--country <CODE>', 'its three-letter code, such as SDN', country)
    .option('--operation <NAME>', 'only this operation, by its whole name')
    .option('--type <NAME>', 'only this assessment type, such as BA')
    .option('--date <DAY>', 'only counts of this day, such as 2026-06-30', day)
    .option('--round <N>', 'only this round', integer(0))
    .option('--level <N>', 'administrative level: 0, 1 or 2', level, 0 as Level)
    .option('--json', 'print one JSON object on stdout', false)
    .option('--csv <FILE>', 'write every value into this file; - is stdout, in place of the words', fileName)
    .addHelpText('after', RULES)
    .action(async (source: string, flags: Flags, command: Command) => {
      await printReport(command, terminal, flags, async (rows) => {
        const report = await runHistory(terminal, source, flags);
        await rows.write(historyCsv(report));
        return { report, text: () => historyText(report) };
      });
      finish(EXIT.done);
    });

async function runHistory(terminal: Terminal, source: string, flags: Flags): Promise<HistoryReport> {
  const store = openSource(source, { signal: terminal.interrupted });
  const list = await readListed(store);
  const history = await readCountryHistory(store, list, {
    country: flags.country,
    table: `admin${flags.level}`,
    now: new Date(),
    onProgress: slowProgress(terminal.note, (done, all) => `looked at ${done} of ${all} releases`),
    signal: terminal.interrupted,
  });
  checkCountry(history.releases, flags, source);
  const selected = selectCounts(history.releases, filterOf(flags));
  if (isEmptyFilter(selected)) throw new ConfigurationError(emptyFilterMessage(selected, flags));
  const counts = selected.map((count) => historyOf(history.releases, count));
  return createHistoryReport(flags, history, counts);
}

const filterOf = ({ operation, type, date, round }: Flags): CountFilter => ({
  operation: operation ?? null,
  assessment_type: type ?? null,
  reporting_date: date ?? null,
  round_number: round ?? null,
});

/** @throws {ConfigurationError} if no release is known, or none has a count of the country at this level */
function checkCountry(
  releases: readonly ReleaseCounts[],
  { country: code, level: number }: Flags,
  source: string,
): void {
  if (releases.some(({ counts }) => counts && counts.size > 0)) return;
  const newest = releases.at(-1);
  if (newest?.counts === null && releases.every(({ counts }) => counts === null))
    throw new ConfigurationError(
      `${source}: the values of no release are known any more; of the newest, ${newest.entry.release}: ${newest.reason}`,
    );
  throw new ConfigurationError(
    `${source}: no release that is known has rows of ${code} at level ${number}; \`dtm-exporter status ${source}\` lists countries and operations`,
  );
}

/** The option of each filter. */
const OPTIONS: Readonly<Record<EmptyFilter['filter'], string>> = {
  operation: '--operation',
  assessment_type: '--type',
  reporting_date: '--date',
  round_number: '--round',
};

/** Values that are listed in a message. */
const MAX_LISTED = 30;

function emptyFilterMessage({ filter, wanted, there }: EmptyFilter, { country: code }: Flags): string {
  const names = filter === 'operation' ? there.map((name) => JSON.stringify(name)) : there;
  const listed = names.slice(-MAX_LISTED).join(', ');
  const more = names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} before` : '';
  return `${OPTIONS[filter]}: expected one that ${code} has there: ${listed}${more}; got ${JSON.stringify(wanted)}`;
}
