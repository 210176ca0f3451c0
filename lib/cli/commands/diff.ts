// `diff`: what changed between two releases.
import { Command } from 'commander';
import type { CountryChanges } from '../../make/changes/country-changes.ts';
import { createChangedRowsWriter } from '../../read/since/changed-rows.ts';
import { type ComparedCountry, compareReleases } from '../../read/since/compare-releases.ts';
import type { CountChange } from '../../read/since/counts.ts';
import { createDiffReport, type DiffReport } from '../../read/since/diff-report.ts';
import { findListed, findTarget, readListed } from '../../read/since/find-listed.ts';
import { LEVEL_TABLES, type LevelTable } from '../../table/schema.ts';
import { openSource } from '../locations.ts';
import { countries, fileName, levelTables, releaseOrDay } from '../option-values.ts';
import { diffText } from '../since/diff-text.ts';
import { printReport, type ReportFlags } from '../since/print-report.ts';
import type { RowsOutput } from '../since/rows-output.ts';
import { slowProgress } from '../since/slow-progress.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags extends ReportFlags {
  readonly countries?: string[];
  readonly tables?: LevelTable[];
}

const RULES = `
A row counts as changed if its figures differ and all else is the same; ids do not count. A day, such as 2026-11-24,
means the release that was current at its end in UTC. Where the data files of a release are gone, its rows are rebuilt
from another release and the change logs between them, and the result says so.

Example:
  $ dtm-exporter diff ./dtm-open-data 2026-11-24.1 --countries HTI,SDN`;

export const diffCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('diff')
    .description(
      'What changed between two releases: in words by country and operation, as JSON, or row by row.',
    )
    .argument('<SOURCE>', 'a folder, s3://bucket/prefix or an https:// address')
    .argument('<FROM>', 'the release that you took: its id, such as 2026-11-24.1, or a day', releaseOrDay)
    .argument('[TO]', 'the release to compare it with (default: the current one)', releaseOrDay)
    .option('--countries <CODES>', 'only these countries, such as AFG,HTI', countries)
    .option('--tables <NAMES>', `only these of ${LEVEL_TABLES.join(', ')}`, levelTables)
    .option('--json', 'print one JSON object on stdout', false)
    .option(
      '--csv <FILE>',
      'write every changed row into this file; - is stdout, in place of the words',
      fileName,
    )
    .addHelpText('after', RULES)
    .action(async (source: string, from: string, to: string | undefined, flags: Flags, command: Command) => {
      await printReport(command, terminal, flags, async (rows) => {
        const { report, names } = await runDiff(terminal, { source, from, to, flags, rows });
        return { report, text: () => diffText(report, names) };
      });
      finish(EXIT.done);
    });

interface DiffInput {
  readonly source: string;
  readonly from: string;
  readonly to: string | undefined;
  readonly flags: Flags;
  readonly rows: RowsOutput;
}

/** Compares, and passes the changed rows on. Of each country only the sums stay. */
async function runDiff(
  terminal: Terminal,
  { source, from, to, flags, rows }: DiffInput,
): Promise<{ report: DiffReport; names: ReadonlyMap<string, string> }> {
  const store = openSource(source, { signal: terminal.interrupted });
  const now = new Date();
  const list = await readListed(store);
  const [older, newer] = [findListed(list, from, now), findTarget(list, to, now)];
  const tables = flags.tables ?? LEVEL_TABLES;
  const found: CountryChanges[] = [];
  const counts: CountChange[] = [];
  const names = new Map<string, string>();
  const writer = createChangedRowsWriter(rows.write);
  const onCountry = async ({
    name,
    apiVersion,
    changes,
    counts: ofCountry,
  }: ComparedCountry): Promise<void> => {
    names.set(changes.country, name);
    counts.push(...ofCountry);
    await writer.add(apiVersion, changes);
    found.push({ ...changes, rows: new Map() });
  };
  const compared = await compareReleases(store, list, {
    ...{ from: older, to: newer, tables, now, onCountry },
    countries: flags.countries ?? null,
    onProgress: slowProgress(terminal.note, (done, all) => `compared ${done} of ${all} countries`),
    onLog: slowProgress(terminal.note, (done, all) => `read ${done} of ${all} change logs`),
    signal: terminal.interrupted,
  });
  await writer.end(compared.to.manifest.api_version);
  return { report: createDiffReport(compared, tables, { countries: found, counts }), names };
}
